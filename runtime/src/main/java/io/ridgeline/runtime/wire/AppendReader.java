package io.ridgeline.runtime.wire;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.List;

/// Turns the bytes of `AppendRequest` and `AppendStreamRequest` into transactions, checking every
/// limit on the way. For one message and one thread.
public final class AppendReader {
    private static final int STREAM_REQUEST_APPENDS = 1;
    private static final int REQUEST_PARTITION_KEY = 1;
    private static final int REQUEST_CONDITIONS = 2;
    private static final int REQUEST_EVENTS = 3;
    private static final int REQUEST_TIMEOUT_MILLIS = 4;
    private static final int CONDITION_STREAM = 1;
    private static final int EXPECT_STREAM = 1;
    private static final int EXPECT_ANY = 2;
    private static final int EXPECT_NO_STREAM = 3;
    private static final int EXPECT_STREAM_EXISTS = 4;
    private static final int EXPECT_EXACT_VERSION = 5;

    /// A caller who checks more streams than this misuses conditions.
    private static final int CONDITIONS_MAX = 1_000;

    private final AppendLimits limits;
    private final ProtoInput in;
    private final EventReader events;
    private final NameReader names;

    private AppendReader(byte[] message, AppendLimits limits, long nowMicros) {
        this.limits = limits;
        in = new ProtoInput(message, 0, message.length);
        names = new NameReader(in, message, limits.nameBytesMax());
        events = new EventReader(in, names, limits, nowMicros);
    }

    /// Reads an `AppendStreamRequest`.
    ///
    /// @param message belongs to the reader from now on
    /// @return one for each append, in order
    /// @throws MalformedProtoException if the bytes are none
    public static List<ParsedAppend> readMany(byte[] message, AppendLimits limits, long nowMicros) {
        AppendReader reader = new AppendReader(message, limits, nowMicros);
        List<ParsedAppend> appends = new ArrayList<>();
        ProtoInput in = reader.in;
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == STREAM_REQUEST_APPENDS) {
                int outer = in.enter();
                int appendEnd = in.end();
                appends.add(reader.readAppend());
                in.abandon(appendEnd, outer);
            } else {
                in.skip();
            }
        }
        return appends;
    }

    /// Reads an `AppendRequest`.
    ///
    /// @param message belongs to the reader from now on
    /// @throws MalformedProtoException if the bytes are none
    public static ParsedAppend readOne(byte[] message, AppendLimits limits, long nowMicros) {
        return new AppendReader(message, limits, nowMicros).readAppend();
    }

    private ParsedAppend readAppend() {
        int bytes = in.remaining();
        try {
            return read(bytes);
        } catch (RefusedException e) {
            return ParsedAppend.refused(e.refusal(), bytes);
        }
    }

    /// A condition whose partition key may be known only later.
    private record StreamExpectation(String stream, Expectation expect) {}

    private ParsedAppend read(int bytes) {
        String partitionKey = "";
        List<StreamExpectation> expectations = List.of();
        List<NewEvent> read = new ArrayList<>(1);
        long timeoutMillis = 0;
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case REQUEST_PARTITION_KEY -> partitionKey = names.partitionKey();
                case REQUEST_CONDITIONS -> {
                    if (expectations.isEmpty()) {
                        expectations = new ArrayList<>(1);
                    }
                    if (expectations.size() == CONDITIONS_MAX) {
                        throw refused("conditions", "more than " + CONDITIONS_MAX);
                    }
                    int outer = in.enter();
                    expectations.add(readCondition());
                    in.leave(outer);
                }
                case REQUEST_EVENTS -> {
                    if (read.size() == limits.transactionEventsMax()) {
                        throw new RefusedException(
                                Refusal.tooLarge(
                                        "events",
                                        "ridgeline.limits.transaction-events",
                                        "count",
                                        read.size() + 1L,
                                        limits.transactionEventsMax()));
                    }
                    int outer = in.enter();
                    read.add(events.read(read.size()));
                    in.leave(outer);
                }
                case REQUEST_TIMEOUT_MILLIS -> timeoutMillis = in.number();
                default -> in.skip();
            }
        }
        return checked(partitionKey, expectations, read, timeoutMillis, bytes);
    }

    private ParsedAppend checked(
            String givenKey,
            List<StreamExpectation> expectations,
            List<NewEvent> read,
            long timeoutMillis,
            int bytes) {
        if (read.isEmpty()) {
            throw refused("events", "a transaction has at least one");
        }
        if (timeoutMillis < 0 || timeoutMillis > limits.timeoutMillisMax()) {
            throw refused(
                    "timeout_millis",
                    Long.toUnsignedString(timeoutMillis)
                            + " is above ridgeline.timings.write-timeout-max, "
                            + limits.timeoutMillisMax());
        }
        String partitionKey = givenKey;
        if (givenKey.isEmpty()) {
            partitionKey = read.getFirst().stream();
            for (NewEvent event : read) {
                if (!event.stream().equals(partitionKey)) {
                    throw refused(
                            "partition_key",
                            "needed where events are on several streams, here \"%s\" and \"%s\""
                                    .formatted(partitionKey, event.stream()));
                }
            }
        }
        List<AppendCondition> conditions = List.of();
        if (!expectations.isEmpty()) {
            conditions = new ArrayList<>(expectations.size());
            for (StreamExpectation each : expectations) {
                conditions.add(
                        new StreamCondition(
                                new StreamKey(partitionKey, each.stream()), each.expect()));
            }
        }
        Transaction transaction = Transaction.of(partitionKey, read);
        if (transaction.lengthBytes() > limits.transactionBytesMax()) {
            throw new RefusedException(
                    Refusal.tooLarge(
                            "events",
                            "ridgeline.limits.transaction-bytes",
                            "bytes",
                            transaction.lengthBytes(),
                            limits.transactionBytesMax()));
        }
        return new ParsedAppend(
                transaction,
                conditions,
                timeoutMillis == 0 ? limits.timeoutMillis() : timeoutMillis,
                Math.max(bytes, transaction.lengthBytes()),
                null);
    }

    private StreamExpectation readCondition() {
        StreamExpectation condition = null;
        for (int field = in.field(); field != 0; field = in.field()) {
            // A kind of a later version is refused: ignored, it would let through what it forbids.
            if (field != CONDITION_STREAM) {
                throw refused("conditions", "kind " + field + " is unknown to this server");
            }
            int outer = in.enter();
            condition = readStreamCondition();
            in.leave(outer);
        }
        if (condition == null) {
            throw refused("conditions", "one has no kind");
        }
        return condition;
    }

    private StreamExpectation readStreamCondition() {
        String stream = "";
        Expectation expect = null;
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case EXPECT_STREAM -> stream = names.conditionStream();
                case EXPECT_ANY -> expect = skipped(new Expectation.Any());
                case EXPECT_NO_STREAM -> expect = skipped(new Expectation.NoStream());
                case EXPECT_STREAM_EXISTS -> expect = skipped(new Expectation.StreamExists());
                case EXPECT_EXACT_VERSION -> {
                    long version = in.number();
                    if (version < 0) {
                        throw refused("conditions.stream.exact_version", "above 2^63");
                    }
                    expect = new Expectation.ExactVersion(version);
                }
                default ->
                        throw refused(
                                "conditions.stream",
                                "field " + field + " is unknown to this server");
            }
        }
        if (stream.isEmpty()) {
            throw refused("conditions.stream.stream", "is empty");
        }
        if (expect == null) {
            throw refused("conditions.stream", "\"" + stream + "\" is to be what? none is set");
        }
        return new StreamExpectation(stream, expect);
    }

    private Expectation skipped(Expectation expectation) {
        in.skip();
        return expectation;
    }

    private static RefusedException refused(String field, String problem) {
        return new RefusedException(Refusal.invalid(field, problem));
    }
}
