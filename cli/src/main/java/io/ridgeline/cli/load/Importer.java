package io.ridgeline.cli.load;

import io.ridgeline.cli.UserError;
import io.ridgeline.client.Append;
import io.ridgeline.client.AppendResult;
import io.ridgeline.client.Appender;
import io.ridgeline.client.ErrorCode;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.RidgelineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Appends the events of lines, many transactions at once. Events of one partition key keep their
/// order and share transactions; how they are grouped depends on the input alone.
///
/// Events that are there already, with the same id and content, are passed over: also if they were
/// grouped in another way, or only some of a transaction's are there.
public final class Importer {
    /// The most events that a transaction may have by the server's usual limits.
    public static final int BATCH_MAX = 1_000;

    private static final int OPEN_EVENTS_MAX = 20_000;
    private static final long OPEN_BYTES_MAX = 16L * 1024 * 1024;
    private static final int IN_FLIGHT_MAX = 2_048;
    private static final int LINES_PER_LOOK = 1_024;

    private final RidgelineClient client;
    private final String name;
    private final int batchEvents;
    private final Runnable look;
    private final SequencedMap<String, Batch> open = new LinkedHashMap<>();
    private final Map<Append, Batch> underWay = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable String> failedLines = new AtomicReference<>();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private volatile long takenBytes;
    private long transactions;
    private int openEvents;
    private long openBytes;

    /// What was imported.
    ///
    /// @param events in the input
    /// @param transactions that they were sent in
    /// @param duplicates events that were there already
    public record Result(long events, long transactions, long duplicates) {}

    /// An import.
    ///
    /// @param name of the input, for messages
    /// @param batchEvents how many events of one key may share a transaction
    /// @param look called now and then while it runs
    public Importer(RidgelineClient client, String name, int batchEvents, Runnable look) {
        this.client = client;
        this.name = name;
        this.batchEvents = batchEvents;
        this.look = look;
    }

    /// {@return how many events were taken from the input so far}
    public long events() {
        return events.get();
    }

    /// {@return how many bytes were taken from the input so far}
    public long takenBytes() {
        return takenBytes;
    }

    /// Imports everything.
    ///
    /// @throws UserError for a line that cannot be taken, or that the server refuses; lines before
    ///   it may have been imported, and are passed over when the import is repeated
    public Result run(InputStream in) throws IOException {
        Appender appender = client.appender(IN_FLIGHT_MAX, this::recover);
        try {
            Lines lines = new Lines(in);
            LineParser parser = new LineParser();
            ByteBuffer bytes = lines.next();
            while (bytes != null) {
                if (!isBlank(bytes)) {
                    add(appender, parser.parse(lines.number(), bytes));
                }
                takenBytes = lines.takenBytes();
                if (lines.number() % LINES_PER_LOOK == 0) {
                    look.run();
                }
                bytes = lines.next();
            }
            sendAll(appender);
            appender.flush();
            return new Result(events.get(), transactions, duplicates.get());
        } catch (LineException e) {
            throw new UserError(
                    "INVALID_INPUT",
                    name + ", line " + e.line() + ": " + e.getMessage(),
                    Map.of("file", name, "line", e.line()));
        } catch (RidgelineException e) {
            String where = failedLines.get();
            Map<String, Object> details = new TreeMap<>(e.details());
            details.put("outcome", e.outcome().name());
            details.put("file", name);
            throw new UserError(
                    e.code().name(),
                    where == null ? e.getMessage() : name + ", " + where + ": " + e.getMessage(),
                    details);
        }
    }

    private static boolean isBlank(ByteBuffer line) {
        for (int at = line.position(); at < line.limit(); at++) {
            if (line.get(at) > ' ' || line.get(at) < 0) {
                return false;
            }
        }
        return true;
    }

    private void add(Appender appender, Line line) {
        Batch batch = open.get(line.partitionKey());
        if (batch != null && (batch.isFull(batchEvents, line) || batch.has(line.event().id()))) {
            open.remove(line.partitionKey());
            send(appender, batch);
            batch = null;
        }
        if (batch == null) {
            batch = new Batch(line.partitionKey());
            open.put(line.partitionKey(), batch);
        }
        batch.add(line);
        events.incrementAndGet();
        openEvents++;
        openBytes += Batch.size(line);
        if (openEvents >= OPEN_EVENTS_MAX || openBytes >= OPEN_BYTES_MAX) {
            sendAll(appender);
        }
    }

    private void sendAll(Appender appender) {
        open.sequencedValues().forEach(batch -> send(appender, batch));
        open.clear();
        openEvents = 0;
        openBytes = 0;
    }

    private void send(Appender appender, Batch batch) {
        openEvents -= batch.lines().size();
        openBytes -= batch.bytes();
        transactions++;
        Append append = batch.toAppend(client);
        underWay.put(append, batch);
        var _ =
                appender.track(append)
                        .whenComplete((result, failed) -> {
                            underWay.remove(append);
                            count(batch, result);
                        });
    }

    private void count(Batch batch, @Nullable AppendResult result) {
        if (result != null && result.isDuplicate()) {
            duplicates.addAndGet(batch.lines().size());
        }
    }

    /// Some events of a transaction are there already, or all of them in other transactions: asks
    /// for each and leaves those that are missing.
    private CompletionStage<List<Append>> recover(Append append, RidgelineException failure) {
        Batch batch = underWay.get(append);
        if (batch == null || failure.code() != ErrorCode.EVENT_ID_CONFLICT) {
            return giveUp(batch, failure);
        }
        List<CompletableFuture<Presence>> answers = new ArrayList<>();
        for (Line line : batch.lines()) {
            answers.add(
                    client.getAsync(line.event().id(), line.partitionKey())
                            .thenApply(found -> Presence.of(line, found)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenCompose(done -> {
                    Batch missing = new Batch(batch.partitionKey());
                    int present = 0;
                    for (CompletableFuture<Presence> answer : answers) {
                        Presence presence = answer.join();
                        if (presence.state() == Presence.State.OTHER) {
                            Batch wrong = new Batch(batch.partitionKey());
                            wrong.add(presence.line());
                            return giveUp(wrong, failure);
                        } else if (presence.state() == Presence.State.SAME) {
                            present++;
                        } else {
                            missing.add(presence.line());
                        }
                    }
                    if (present == 0) {
                        return giveUp(batch, failure);
                    }
                    duplicates.addAndGet(present);
                    if (missing.lines().isEmpty()) {
                        return CompletableFuture.completedStage(List.of());
                    }
                    Append rest = missing.toAppend(client);
                    underWay.put(rest, missing);
                    return CompletableFuture.completedStage(List.of(rest));
                });
    }

    private CompletionStage<List<Append>> giveUp(
            @Nullable Batch batch, RidgelineException failure) {
        if (batch != null) {
            failedLines.compareAndSet(null, batch.describe());
        }
        return CompletableFuture.failedStage(failure);
    }
}
