package io.ridgeline.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// An event as it is stored. Immutable.
///
/// Keeps the bytes that came from the server, together with those of the events that came with it,
/// and decodes what is asked for when it is asked for. Who keeps many single events for long had
/// better [#detach] them.
public final class RecordedEvent {
    private static final int ID = WireReader.sizedTag(1);
    private static final int STREAM = WireReader.sizedTag(2);
    private static final int VERSION = WireReader.varintTag(3);
    private static final int PARTITION = WireReader.varintTag(4);
    private static final int SEQUENCE = WireReader.varintTag(5);
    private static final int TYPE = WireReader.sizedTag(6);
    private static final int CONTENT_TYPE = WireReader.sizedTag(7);
    private static final int DATA = WireReader.sizedTag(8);
    private static final int METADATA = WireReader.sizedTag(9);
    private static final int TAGS = WireReader.sizedTag(10);
    private static final int CREATED = WireReader.varintTag(11);
    private static final int SCHEMA_ID = WireReader.varintTag(12);
    private static final int PARTITION_KEY = WireReader.sizedTag(13);

    private final byte[] message;
    private final int offset;
    private final int length;

    // Filled together by index(); racing threads fill in the same values, and `indexed` is written
    // last. Offset and length share a long, so that neither is seen without the other.
    private volatile boolean indexed;
    private long id;
    private long stream;
    private long type;
    private long contentType;
    private long data;
    private long metadata;
    private long partitionKey;
    private long version;
    private long sequence;
    private long createdMicros;
    private int partition;
    private int schemaId;
    private boolean tagged;

    RecordedEvent(byte[] message, int offset, int length) {
        this.message = message;
        this.offset = offset;
        this.length = length;
    }

    private RecordedEvent index() {
        if (!indexed) {
            try {
                decode();
            } catch (MalformedMessageException e) {
                throw Failure.of(
                                ErrorCode.UNRECOGNIZED,
                                Outcome.NOTHING_HAPPENED,
                                "a malformed event: " + e.getMessage())
                        .toException();
            }
            indexed = true;
        }
        return this;
    }

    private void decode() {
        WireReader reader = new WireReader(message, offset, length);
        while (reader.hasMore()) {
            int tag = reader.tag();
            if ((tag & 7) == WireWriter.SIZED) {
                int size = reader.length();
                keep(tag, (long) reader.position() << 32 | size);
                reader.skipBytes(size);
            } else if ((tag & 7) == WireWriter.VARINT) {
                keep(tag, reader.varint());
            } else {
                reader.skip(tag);
            }
        }
    }

    private void keep(int tag, long value) {
        if (tag == ID) {
            id = value;
        } else if (tag == STREAM) {
            stream = value;
        } else if (tag == VERSION) {
            version = value;
        } else if (tag == PARTITION) {
            partition = (int) value;
        } else if (tag == SEQUENCE) {
            sequence = value;
        } else if (tag == TYPE) {
            type = value;
        } else if (tag == CONTENT_TYPE) {
            contentType = value;
        } else if (tag == DATA) {
            data = value;
        } else if (tag == METADATA) {
            metadata = value;
        } else if (tag == TAGS) {
            tagged = true;
        } else if (tag == CREATED) {
            createdMicros = value;
        } else if (tag == SCHEMA_ID) {
            schemaId = (int) value;
        } else if (tag == PARTITION_KEY) {
            partitionKey = value;
        }
    }

    private String text(long place) {
        return new String(message, (int) (place >>> 32), (int) place, StandardCharsets.UTF_8);
    }

    private ByteBuffer bytes(long place) {
        return ByteBuffer.wrap(message, (int) (place >>> 32), (int) place)
                .slice()
                .asReadOnlyBuffer();
    }

    /// {@return the id}
    public UUID id() {
        index();
        ByteBuffer bytes = bytes(id);
        if (bytes.remaining() != 2 * Long.BYTES) {
            throw Failure.of(
                            ErrorCode.UNRECOGNIZED,
                            Outcome.NOTHING_HAPPENED,
                            "an event id of " + bytes.remaining() + " bytes")
                    .toException();
        }
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    /// {@return the stream}
    public String stream() {
        return index().text(stream);
    }

    /// {@return the version in the stream, from 0 without gaps}
    public long version() {
        return index().version;
    }

    /// {@return the partition that holds the stream}
    public int partition() {
        return index().partition;
    }

    /// {@return the sequence in the partition, from 0 without gaps}
    public long sequence() {
        return index().sequence;
    }

    /// {@return what happened}
    public String type() {
        return index().text(type);
    }

    /// {@return the media type of the data; empty means `application/json`}
    public String contentType() {
        return index().text(contentType);
    }

    /// {@return the data, read-only}
    public ByteBuffer data() {
        return index().bytes(data);
    }

    /// {@return the data as UTF-8 text; malformed bytes become U+FFFD}
    public String dataText() {
        return index().text(data);
    }

    /// {@return the metadata, read-only; empty without any}
    public ByteBuffer metadata() {
        return index().bytes(metadata);
    }

    /// {@return the metadata as UTF-8 text; malformed bytes become U+FFFD}
    public String metadataText() {
        return index().text(metadata);
    }

    /// {@return the tags, sorted by key}
    public SortedMap<String, String> tags() {
        SortedMap<String, String> tags = new TreeMap<>();
        if (index().tagged) {
            WireReader reader = new WireReader(message, offset, length);
            while (reader.hasMore()) {
                int tag = reader.tag();
                if (tag == TAGS) {
                    int size = reader.length();
                    decodeTag(reader.position(), size, tags);
                    reader.skipBytes(size);
                } else {
                    reader.skip(tag);
                }
            }
        }
        return Collections.unmodifiableSortedMap(tags);
    }

    private void decodeTag(int from, int size, SortedMap<String, String> tags) {
        String key = "";
        String value = "";
        WireReader reader = new WireReader(message, from, size);
        while (reader.hasMore()) {
            int tag = reader.tag();
            if (tag == WireReader.sizedTag(1) || tag == WireReader.sizedTag(2)) {
                int length = reader.length();
                String text = text((long) reader.position() << 32 | length);
                reader.skipBytes(length);
                if (tag == WireReader.sizedTag(1)) {
                    key = text;
                } else {
                    value = text;
                }
            } else {
                reader.skip(tag);
            }
        }
        tags.put(key, value);
    }

    /// {@return when it happened, to the microsecond}
    public Instant created() {
        long micros = index().createdMicros;
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    /// {@return the schema of the data in a registry; 0 for none}
    public int schemaId() {
        return index().schemaId;
    }

    /// {@return what decides the partition; the stream itself unless the writer chose otherwise}
    public String partitionKey() {
        index();
        return text((int) partitionKey == 0 ? stream : partitionKey);
    }

    /// {@return the size of the event as it came from the server, in bytes}
    public int sizeBytes() {
        return length;
    }

    /// {@return the same event with bytes of its own}
    public RecordedEvent detach() {
        byte[] own = new byte[length];
        System.arraycopy(message, offset, own, 0, length);
        return new RecordedEvent(own, 0, length);
    }

    /// {@return a short description for logs}
    @Override
    public String toString() {
        return type()
                + " "
                + stream()
                + "@"
                + version()
                + " ("
                + partition()
                + ":"
                + sequence()
                + ")";
    }
}
