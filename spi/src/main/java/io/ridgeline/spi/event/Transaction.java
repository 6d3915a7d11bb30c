package io.ridgeline.spi.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One or more events on one or more streams of one partition key: all of them or none. The payload
/// of an entry of kind [io.ridgeline.spi.storage.EntryKind#TRANSACTION]; the same bytes on wire and
/// disk.
///
/// Layout, version 1, big-endian, varints as LEB128, strings as varint length and UTF-8:
///
/// ```
/// u64    sequence of the first event        } set by the coordinator when it orders the transaction
/// u64    base of the creation times, microseconds
/// varint number of streams
///   u64    version of the first event of the stream  } set by the coordinator, too
///   varint number of its events
///   string stream id
/// string partition key; empty if it is the id of the first stream
/// varint number of types, then each as a string
/// varint number of content types, then each as a string
/// varint number of events
///   varint length of what follows
///   16 bytes id, varint stream, varint type, varint content type (places in the lists above),
///   zigzag varint creation time minus base, varint schema id,
///   varint number of tags, then key and value of each as strings, sorted by key,
///   varint length and metadata, varint length and data, rest: an extension that is kept as it is
/// ```
///
/// A view of bytes, checked once when it is made: no query fails later. Not thread-safe while
/// [#assign] may still be called, safe for any number of readers afterwards.
public final class Transaction {
    private static final int FIRST_SEQUENCE = 0;
    private static final int CREATED_BASE = 8;
    private static final int STREAM_COUNT = 16;
    static final int EVENT_COUNT_MAX = 1 << 20;

    private final byte[] bytes;
    private final int offset;
    private final int length;
    private final boolean headroom;
    private final List<StreamKey> streams;
    private final int[] versionOffsets;
    private final int[] streamEventCounts;
    private final List<String> types;
    private final List<String> contentTypes;
    private final int eventCount;
    private final int eventsOffset;

    private Transaction(byte[] bytes, int offset, int length, boolean headroom) {
        this.headroom = headroom;
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        if (length < STREAM_COUNT + 1) {
            throw new MalformedTransactionException("transaction of " + length + " bytes");
        }
        ByteReader in = new ByteReader(bytes, offset, offset + length);
        in.skip(STREAM_COUNT);
        int streamCount = in.count(10);
        if (streamCount < 1) {
            throw new MalformedTransactionException("transaction without streams");
        }
        versionOffsets = new int[streamCount];
        streamEventCounts = new int[streamCount];
        List<String> names = new ArrayList<>(streamCount);
        for (int i = 0; i < streamCount; i++) {
            versionOffsets[i] = in.position();
            in.skip(Long.BYTES);
            streamEventCounts[i] = in.count(0);
            names.add(in.string());
        }
        String given = in.string();
        String partitionKey = given.isEmpty() ? names.getFirst() : given;
        List<StreamKey> keys = new ArrayList<>(streamCount);
        for (String name : names) {
            keys.add(new StreamKey(partitionKey, name));
        }
        streams = Collections.unmodifiableList(keys);
        types = in.strings();
        contentTypes = in.strings();
        eventCount = in.count(1);
        eventsOffset = in.position();
        checkEvents();
    }

    /// One that was just encoded, so that there is nothing to be read or checked.
    Transaction(TransactionEncoder encoder) {
        headroom = true;
        bytes = encoder.out.bytes();
        offset = HEADROOM_BYTES;
        length = encoder.out.position() - HEADROOM_BYTES;
        streams = encoder.streamKeys();
        versionOffsets = encoder.versionOffsets;
        streamEventCounts = encoder.streamEventCounts;
        types = encoder.types.list();
        contentTypes = encoder.contentTypes.list();
        eventCount = encoder.events.size();
        eventsOffset = encoder.eventsOffset;
    }

    private void checkEvents() {
        if (eventCount < 1) {
            throw new MalformedTransactionException("transaction without events");
        }
        int[] counts = new int[streams.size()];
        Events events = events();
        while (events.next()) {
            counts[events.streamPlace()]++;
        }
        if (!Arrays.equals(counts, streamEventCounts)) {
            throw new MalformedTransactionException(
                    "events per stream: "
                            + Arrays.toString(counts)
                            + ", announced "
                            + Arrays.toString(streamEventCounts));
        }
        if (events.end() != offset + length) {
            throw new MalformedTransactionException(
                    (offset + length - events.end()) + " bytes behind the last event");
        }
    }

    /// Checks and wraps bytes; they are not copied if the buffer has an accessible array.
    ///
    /// @param payload the bytes from position to limit; must not change afterwards
    /// @throws MalformedTransactionException if they are no transaction
    public static Transaction parse(ByteBuffer payload) {
        if (payload.hasArray()) {
            return new Transaction(
                    payload.array(),
                    payload.arrayOffset() + payload.position(),
                    payload.remaining(),
                    false);
        }
        byte[] copy = new byte[payload.remaining()];
        payload.duplicate().get(copy);
        return new Transaction(copy, 0, copy.length, false);
    }

    /// Encodes a transaction that is not ordered yet: sequence and versions are zero until
    /// [#assign].
    ///
    /// @param partitionKey the key of all its streams
    /// @param events at least one, in the order that they get
    /// @throws IllegalArgumentException without events, or with unsorted tags
    public static Transaction of(String partitionKey, List<NewEvent> events) {
        return new TransactionEncoder(partitionKey, events).encode();
    }

    /// How many bytes before the payload of a new transaction are free, for the header of its
    /// entry.
    public static final int HEADROOM_BYTES = 32;

    /// Writes what the coordinator assigned into the bytes. Called once, before an entry is made of
    /// it.
    ///
    /// @param firstSequence the sequence of the first event
    /// @param firstVersions the version of the first event of each stream, in the order of
    ///   [#streams]
    public void assign(long firstSequence, long[] firstVersions) {
        ByteWriter.putU64(bytes, offset + FIRST_SEQUENCE, firstSequence);
        for (int i = 0; i < versionOffsets.length; i++) {
            ByteWriter.putU64(bytes, versionOffsets[i], firstVersions[i]);
        }
    }

    /// {@return the encoded form; do not change it}
    public ByteBuffer payload() {
        return ByteBuffer.wrap(bytes, offset, length).slice();
    }

    /// {@return the payload with [#HEADROOM_BYTES] free bytes before it, if [#of] made it; null for
    /// a transaction that was parsed}
    public @Nullable ByteBuffer withHeadroom() {
        return headroom ? ByteBuffer.wrap(bytes, 0, offset + length).slice() : null;
    }

    /// {@return the length of the encoded form in bytes}
    public int lengthBytes() {
        return length;
    }

    /// {@return the sequence of the first event}
    public long firstSequence() {
        return ByteReader.getU64(bytes, offset + FIRST_SEQUENCE);
    }

    /// {@return the sequence of the last event}
    public long lastSequence() {
        return firstSequence() + eventCount - 1;
    }

    /// {@return the number of events, at least one}
    public int eventCount() {
        return eventCount;
    }

    /// {@return the key of all streams}
    public String partitionKey() {
        return streams.getFirst().partitionKey();
    }

    /// {@return the streams that it writes to, in the order of their first events, each once}
    public List<StreamKey> streams() {
        return streams;
    }

    /// {@return the version of the first event of a stream}
    ///
    /// @param place the stream's place in [#streams]
    public long firstVersion(int place) {
        return ByteReader.getU64(bytes, versionOffsets[place]);
    }

    /// {@return the number of events of a stream, at least one}
    ///
    /// @param place the stream's place in [#streams]
    public int eventCount(int place) {
        return streamEventCounts[place];
    }

    /// {@return a cursor before the first event}
    public Events events() {
        return new Events(this);
    }

    /// Whether two transactions carry the same events: ids, streams, types, content types, data,
    /// metadata and tags. Creation times and what the coordinator assigned do not count (protocol
    /// review, M11).
    public boolean sameContent(Transaction other) {
        if (eventCount != other.eventCount || !streams.equals(other.streams)) {
            return false;
        }
        Events mine = events();
        Events theirs = other.events();
        while (mine.next() && theirs.next()) {
            if (!mine.sameContent(theirs)) {
                return false;
            }
        }
        return true;
    }

    byte[] bytes() {
        return bytes;
    }

    int eventsOffset() {
        return eventsOffset;
    }

    int endOffset() {
        return offset + length;
    }

    long createdBase() {
        return ByteReader.getU64(bytes, offset + CREATED_BASE);
    }

    List<String> types() {
        return types;
    }

    List<String> contentTypes() {
        return contentTypes;
    }

    static String utf8(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }
}
