package io.ridgeline.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One transaction to be appended: all of its events take effect, or none.
///
/// ```java
/// client.append("orders-42").expect(Expect.version(3)).event("OrderPaid", json).send();
/// ```
///
/// Sending the same object again is a safe repeat: the ids are the same, so it takes effect once.
/// Not thread-safe while it is being put together.
public final class Append {
    private static final byte[] NONE = {};

    private final RidgelineClient client;
    private final List<EventData> events = new ArrayList<>(1);
    private final List<byte[]> streamOfEvent = new ArrayList<>(1);
    private final Map<String, Expect> conditions = new LinkedHashMap<>(2);
    private final String firstStream;
    private final byte[] firstStreamBytes;
    private String stream;
    private byte[] streamBytes;
    private boolean severalStreams;
    private @Nullable String partitionKey;
    private @Nullable Duration timeout;

    Append(RidgelineClient client, String stream) {
        this.client = client;
        this.stream = stream;
        this.streamBytes = Utf8.encode(stream);
        this.firstStream = stream;
        this.firstStreamBytes = streamBytes;
    }

    /// Chooses what decides the partition, instead of the stream. Streams of one transaction must
    /// share it, and a stream id under another key is another stream.
    ///
    /// @param key 1 to 512 bytes of UTF-8
    public Append partitionKey(String key) {
        partitionKey = key;
        return this;
    }

    /// Turns to another stream: conditions and events that follow are for it. Needs a
    /// [#partitionKey].
    ///
    /// @param other the stream
    public Append stream(String other) {
        stream = other;
        streamBytes = Utf8.encode(other);
        return this;
    }

    /// Says what the current stream must be; without it, anything. The stream need not be written
    /// to.
    ///
    /// @param expect the condition
    public Append expect(Expect expect) {
        conditions.put(stream, expect);
        return this;
    }

    /// Adds an event with JSON as its data to the current stream.
    ///
    /// @param type what happened
    /// @param json sent as it is, not checked
    public Append event(String type, String json) {
        return event(EventData.json(type, json));
    }

    /// Adds an event to the current stream.
    ///
    /// @param event the event
    public Append event(EventData event) {
        events.add(event);
        streamOfEvent.add(streamBytes);
        severalStreams |= !stream.equals(firstStream);
        return this;
    }

    /// Limits how long sending may take, retries included; without it, the client's setting.
    ///
    /// @param limit above zero
    public Append timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    /// Sends it and waits until it is on stable storage. Waits also while too much is in flight.
    ///
    /// @return where the events are
    /// @throws VersionConflictException if a condition did not hold
    /// @throws IndeterminateException if nobody knows whether it took effect: send again
    /// @throws RidgelineException in the other cases that it lists
    /// @throws IllegalStateException without events, with several streams and no partition key, or
    ///   if called by a callback on the client's own thread, which would wait for itself
    public AppendResult send() {
        return client.appends().send(this);
    }

    /// Sends it without waiting, not even while too much is in flight: then it fails at once with
    /// [ErrorCode#OVERLOADED] and nothing happened. [Appender] waits instead.
    ///
    /// Appends that are under way at the same time take effect in the order of these calls if none
    /// of them has to be retried. Who needs the order uses [#expect] or [Appender].
    ///
    /// @return completes on the client's own thread: what hangs on it must not block (or use the
    ///   `…Async` methods); fails with a [RidgelineException]
    /// @throws IllegalStateException without events, or with several streams and no partition key
    public CompletableFuture<AppendResult> sendAsync() {
        return client.appends().sendAsync(this);
    }

    /// {@return the ids of the events, in their order}
    public List<UUID> eventIds() {
        return events.stream().map(EventData::id).toList();
    }

    /// {@return the events, in their order}
    public List<EventData> events() {
        return List.copyOf(events);
    }

    /// {@return what decides the partition}
    public String partitionKey() {
        return partitionKey == null ? firstStream : partitionKey;
    }

    RidgelineClient client() {
        return client;
    }

    int slot() {
        return Slots.slotOf(partitionKey == null ? firstStreamBytes : Utf8.encode(partitionKey));
    }

    Duration timeoutOr(Duration otherwise) {
        return timeout == null ? otherwise : timeout;
    }

    /// {@return whether a conflict on the stream can never go away, so that no copy of this
    /// transaction that is still on its way can take effect}
    boolean isLastingConflict(String conflicting, long currentVersion) {
        Expect expect = conditions.getOrDefault(conflicting, Expect.any());
        return expect instanceof Expect.NoStream
                || (expect instanceof Expect.Version exact && currentVersion > exact.lastVersion());
    }

    /// {@return an AppendRequest, with its head as the `appends` field of an AppendStreamRequest}
    Encoded encode(Duration defaultTimeout) {
        if (events.isEmpty()) {
            throw new IllegalStateException("a transaction needs an event");
        }
        byte[] key = partitionKey == null ? NONE : Utf8.encode(partitionKey);
        if (partitionKey == null && severalStreams) {
            throw new IllegalStateException(
                    "several streams in one transaction need a partition key");
        }
        long timeoutMillis = Math.max(1, timeoutOr(defaultTimeout).toMillis());
        byte[] conditionBytes = conditions.isEmpty() ? NONE : encodeConditions();
        int count = events.size();
        int[] sizes = new int[count];
        int body =
                WireWriter.sizedField(key.length)
                        + conditionBytes.length
                        + 1
                        + WireWriter.varintSize(timeoutMillis);
        for (int i = 0; i < count; i++) {
            sizes[i] = NewEventCodec.size(events.get(i), streamOfEvent.get(i));
            body += 1 + WireWriter.varintSize(sizes[i]) + sizes[i];
        }
        int head = 1 + WireWriter.varintSize(body);
        WireWriter out = new WireWriter(head + body);
        out.message(1, body).sized(1, key).raw(conditionBytes);
        for (int i = 0; i < count; i++) {
            out.message(3, sizes[i]);
            NewEventCodec.write(out, events.get(i), streamOfEvent.get(i));
        }
        out.number(4, timeoutMillis);
        return new Encoded(out.toBytes(), head);
    }

    private byte[] encodeConditions() {
        WireWriter out = new WireWriter(64);
        conditions.forEach((name, expect) -> {
            if (expect instanceof Expect.Any) {
                return;
            }
            WireWriter condition = new WireWriter(64);
            condition.sized(1, Utf8.encode(name));
            if (expect instanceof Expect.Version exact) {
                condition.tag(5, WireWriter.VARINT).varint(exact.lastVersion());
            } else {
                condition.message(expect instanceof Expect.NoStream ? 3 : 4, 0);
            }
            byte[] bytes = condition.toBytes();
            out.message(2, 1 + WireWriter.varintSize(bytes.length) + bytes.length)
                    .message(1, bytes.length)
                    .raw(bytes);
        });
        return out.toBytes();
    }

    /// What goes over the wire.
    ///
    /// @param bytes head and request
    /// @param headLength where the request begins
    @SuppressWarnings("ArrayRecordComponent") // never compared, and copied only into a socket
    record Encoded(byte[] bytes, int headLength) {}
}
