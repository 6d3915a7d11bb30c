package io.ridgeline.spi.event;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// A cursor over the events of a transaction that makes no object per event. Starts before the
/// first one; the queries describe the event that [#next] moved to. For one thread.
public final class Events {
    private final Transaction transaction;
    private final byte[] bytes;
    private final int[] seen;
    private int place = -1;
    private int end;

    private int idOffset;
    private int streamPlace;
    private int typePlace;
    private int contentTypePlace;
    private long createdDelta;
    private int schemaId;
    private int tagsOffset;
    private int tagCount;
    private int metadataOffset;
    private int metadataLength;
    private int dataOffset;
    private int dataLength;
    private long versionInStream;

    Events(Transaction transaction) {
        this.transaction = transaction;
        this.bytes = transaction.bytes();
        this.seen = new int[transaction.streams().size()];
        this.end = transaction.eventsOffset();
    }

    /// Moves to the next event.
    ///
    /// @return whether there is one
    public boolean next() {
        if (place + 1 >= transaction.eventCount()) {
            return false;
        }
        place++;
        ByteReader in = new ByteReader(bytes, end, transaction.endOffset());
        int bodyLength = in.count(1);
        int bodyEnd = in.position() + bodyLength;
        in = new ByteReader(bytes, in.position(), bodyEnd);
        idOffset = in.position();
        in.skip(2 * Long.BYTES);
        streamPlace = in.place(transaction.streams().size());
        typePlace = in.place(transaction.types().size());
        contentTypePlace = in.place(transaction.contentTypes().size());
        createdDelta = in.zigzag();
        schemaId = (int) in.varint();
        tagCount = in.count(2);
        tagsOffset = in.position();
        for (int i = 0; i < 2 * tagCount; i++) {
            in.skip(in.count(1));
        }
        metadataLength = in.count(1);
        metadataOffset = in.position();
        in.skip(metadataLength);
        dataLength = in.count(1);
        dataOffset = in.position();
        in.skip(dataLength);
        versionInStream = seen[streamPlace]++;
        end = bodyEnd;
        return true;
    }

    int end() {
        return end;
    }

    /// {@return the place of the event in its transaction, from 0}
    public int place() {
        return place;
    }

    /// {@return the sequence in the partition}
    public long sequence() {
        return transaction.firstSequence() + place;
    }

    /// {@return the version in the stream}
    public long version() {
        return transaction.firstVersion(streamPlace) + versionInStream;
    }

    /// {@return the high half of the id}
    public long idHigh() {
        return ByteReader.getU64(bytes, idOffset);
    }

    /// {@return the low half of the id}
    public long idLow() {
        return ByteReader.getU64(bytes, idOffset + Long.BYTES);
    }

    /// {@return the id}
    public UUID id() {
        return new UUID(idHigh(), idLow());
    }

    /// {@return the 16 bytes of the id}
    public ByteBuffer idBytes() {
        return ByteBuffer.wrap(bytes, idOffset, 2 * Long.BYTES).asReadOnlyBuffer();
    }

    /// {@return the place of the stream in [Transaction#streams]}
    public int streamPlace() {
        return streamPlace;
    }

    /// {@return the stream id}
    public String stream() {
        return transaction.streams().get(streamPlace).stream();
    }

    /// {@return the type}
    public String type() {
        return transaction.types().get(typePlace);
    }

    /// {@return the content type; empty for JSON}
    public String contentType() {
        return transaction.contentTypes().get(contentTypePlace);
    }

    /// {@return when it happened, in microseconds since 1970}
    public long createdMicros() {
        return transaction.createdBase() + createdDelta;
    }

    /// {@return the schema id; 0 for none}
    public int schemaId() {
        return schemaId;
    }

    /// {@return the number of tags}
    public int tagCount() {
        return tagCount;
    }

    /// {@return the tags, sorted by key}
    public List<Tag> tags() {
        List<Tag> tags = new ArrayList<>(tagCount);
        ByteReader in = new ByteReader(bytes, tagsOffset, end);
        for (int i = 0; i < tagCount; i++) {
            String key = in.string();
            tags.add(new Tag(key, in.string()));
        }
        return tags;
    }

    /// {@return the metadata; do not change it}
    public ByteBuffer metadata() {
        return ByteBuffer.wrap(bytes, metadataOffset, metadataLength).asReadOnlyBuffer();
    }

    /// {@return the data; do not change it}
    public ByteBuffer data() {
        return ByteBuffer.wrap(bytes, dataOffset, dataLength).asReadOnlyBuffer();
    }

    /// {@return the length of the metadata in bytes}
    public int metadataLength() {
        return metadataLength;
    }

    /// {@return the length of the data in bytes}
    public int dataLength() {
        return dataLength;
    }

    /// Copies the 16 bytes of the id.
    public void copyId(byte[] to, int at) {
        System.arraycopy(bytes, idOffset, to, at, 2 * Long.BYTES);
    }

    /// Copies the metadata.
    public void copyMetadata(byte[] to, int at) {
        System.arraycopy(bytes, metadataOffset, to, at, metadataLength);
    }

    /// Copies the data.
    public void copyData(byte[] to, int at) {
        System.arraycopy(bytes, dataOffset, to, at, dataLength);
    }

    /// {@return whether the current event of another cursor, perhaps of another transaction, has
    /// the same id, stream, type, content type, schema, tags, metadata and data} Creation times and
    /// what the coordinator assigned do not count (protocol review, M11).
    public boolean sameContent(Events other) {
        return idHigh() == other.idHigh()
                && idLow() == other.idLow()
                && stream().equals(other.stream())
                && schemaId == other.schemaId
                && type().equals(other.type())
                && contentType().equals(other.contentType())
                // Tags, metadata, data and extension are one run of bytes, encoded one way.
                && Arrays.equals(bytes, tagsOffset, end, other.bytes, other.tagsOffset, other.end)
                && tagCount == other.tagCount;
    }
}
