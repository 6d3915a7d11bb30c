package io.ridgeline.runtime.wire;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Tag;
import io.ridgeline.spi.event.Transaction;

/// Writes `RecordedEvent` messages straight from stored transactions.
public final class EventWriter {
    private static final int ID = 1;
    private static final int STREAM = 2;
    private static final int VERSION = 3;
    private static final int PARTITION = 4;
    private static final int SEQUENCE = 5;
    private static final int TYPE = 6;
    private static final int CONTENT_TYPE = 7;
    private static final int DATA = 8;
    private static final int METADATA = 9;
    private static final int TAGS = 10;
    private static final int CREATED_MICROS = 11;
    private static final int SCHEMA_ID = 12;
    private static final int PARTITION_KEY = 13;
    private static final int TAG_KEY = 1;
    private static final int TAG_VALUE = 2;

    /// What an event takes apart from its data, metadata and tags.
    private static final int FIXED_BYTES_GUESS = 70;

    private EventWriter() {}

    /// Writes the event that a cursor is at as field `field` of what encloses it.
    public static void write(
            ProtoOutput out,
            int field,
            PartitionId partition,
            Transaction transaction,
            Events event) {
        int guess = FIXED_BYTES_GUESS + event.dataLength() + event.metadataLength();
        int begun = out.begin(field, guess);
        out.sizedHeader(ID, 2 * Long.BYTES);
        event.copyId(out.array(), out.position());
        out.advance(2 * Long.BYTES);
        String stream = event.stream();
        out.text(STREAM, stream);
        out.number(VERSION, event.version());
        out.unsigned(PARTITION, partition.value());
        out.number(SEQUENCE, event.sequence());
        out.text(TYPE, event.type());
        out.text(CONTENT_TYPE, event.contentType());
        int length = event.dataLength();
        if (length > 0) {
            out.sizedHeader(DATA, length);
            event.copyData(out.array(), out.position());
            out.advance(length);
        }
        length = event.metadataLength();
        if (length > 0) {
            out.sizedHeader(METADATA, length);
            event.copyMetadata(out.array(), out.position());
            out.advance(length);
        }
        if (event.tagCount() > 0) {
            for (Tag tag : event.tags()) {
                writeTag(out, tag);
            }
        }
        out.number(CREATED_MICROS, event.createdMicros());
        out.unsigned(SCHEMA_ID, event.schemaId());
        String key = transaction.partitionKey();
        if (!key.equals(stream)) {
            out.text(PARTITION_KEY, key);
        }
        out.end(begun, guess);
    }

    private static void writeTag(ProtoOutput out, Tag tag) {
        int guess = tag.key().length() + tag.value().length() + 4;
        int begun = out.begin(TAGS, guess);
        out.text(TAG_KEY, tag.key());
        out.text(TAG_VALUE, tag.value());
        out.end(begun, guess);
    }
}
