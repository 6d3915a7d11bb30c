package io.ridgeline.storage.file.segment;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/// The records of a batch: entries as they are, and control records, which have an entry's shape
/// and kinds from 128 on. Everything is found from the header alone, so that a scan need not
/// understand what it skips.
public final class Records {
    /// Bytes before a record's payload.
    public static final int HEADER_BYTES = Entry.HEADER_BYTES;

    /// Kinds from here on are the storage's own.
    public static final int CONTROL = 128;

    /// Replaces a partition's hard state.
    public static final int HARD_STATE = 128;

    /// Drops a partition's entries behind the index in the header.
    public static final int TRUNCATE = 129;

    /// Begins a partition's log anew.
    public static final int FORMAT = 130;

    /// Fills a batch up.
    public static final int PADDING = 131;

    private static final int CHECKSUM = 4;
    private static final int PARTITION = 8;
    private static final int INDEX = 12;
    private static final int EPOCH = 20;
    private static final int KIND = 28;

    private Records() {}

    /// {@return the whole length of the record at an offset, or −1 if it does not end before `end`}
    public static int length(ByteBuffer body, int offset, int end) {
        if (end - offset < HEADER_BYTES) {
            return -1;
        }
        int payload = body.getInt(offset);
        return payload < 0 || payload > end - offset - HEADER_BYTES ? -1 : HEADER_BYTES + payload;
    }

    /// {@return whether the record of that length has the checksum that it names}
    public static boolean isIntact(ByteBuffer body, int offset, int length) {
        return checksum(body, offset, length) == body.getInt(offset + CHECKSUM);
    }

    private static int checksum(ByteBuffer body, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(body.slice(offset + PARTITION, length - PARTITION));
        return (int) crc.getValue();
    }

    /// {@return the partition of the record at an offset}
    public static PartitionId partition(ByteBuffer body, int offset) {
        return new PartitionId(body.getInt(offset + PARTITION));
    }

    /// {@return the index of the record at an offset}
    public static long index(ByteBuffer body, int offset) {
        return body.getLong(offset + INDEX);
    }

    /// {@return the epoch of the record at an offset}
    public static long epoch(ByteBuffer body, int offset) {
        return body.getLong(offset + EPOCH);
    }

    /// {@return the kind of the record at an offset}
    public static int kind(ByteBuffer body, int offset) {
        return body.get(offset + KIND) & 0xFF;
    }

    private static ByteBuffer control(int kind, PartitionId partition, long index, int payload) {
        ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + payload);
        record.putInt(0, payload);
        record.putInt(PARTITION, partition.value());
        record.putLong(INDEX, index);
        record.put(KIND, (byte) kind);
        record.put(KIND + 1, (byte) 1);
        record.position(HEADER_BYTES);
        return record;
    }

    private static ByteBuffer sealed(ByteBuffer record) {
        record.putInt(CHECKSUM, checksum(record, 0, record.limit()));
        return record.rewind();
    }

    /// {@return a record that replaces the hard state}
    public static ByteBuffer hardState(PartitionId partition, HardState state) {
        byte[] node = state.promisedTo().node().name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = control(HARD_STATE, partition, 0, hardStateBytes(node));
        putHardState(record, state, node);
        return sealed(record);
    }

    /// {@return a record that drops what is behind an index}
    public static ByteBuffer truncate(PartitionId partition, long lastIndex) {
        return sealed(control(TRUNCATE, partition, lastIndex, 0));
    }

    /// {@return a record that begins a log anew}
    public static ByteBuffer format(PartitionId partition, Format format) {
        ByteBuffer record = control(FORMAT, partition, 0, 2 * Long.BYTES + Integer.BYTES);
        record.putLong(format.storageId.getMostSignificantBits());
        record.putLong(format.storageId.getLeastSignificantBits());
        record.putInt(format.logId);
        return sealed(record);
    }

    /// {@return a record without meaning}
    ///
    /// @param bytes its whole length, at least [#HEADER_BYTES]
    public static ByteBuffer padding(int bytes) {
        return sealed(control(PADDING, new PartitionId(0), 0, bytes - HEADER_BYTES));
    }

    /// What a log that begins anew is called.
    ///
    /// @param storageId of the replica
    /// @param logId names the log in the bucket's indexes; never used again
    public record Format(UUID storageId, int logId) {}

    /// {@return the payload of a record that begins a log anew}
    public static Format format(ByteBuffer body, int offset) {
        int at = offset + HEADER_BYTES;
        return new Format(
                new UUID(body.getLong(at), body.getLong(at + Long.BYTES)),
                body.getInt(at + 2 * Long.BYTES));
    }

    /// {@return the payload of a record that replaces the hard state}
    public static HardState hardState(ByteBuffer body, int offset) {
        ByteBuffer payload = body.duplicate();
        payload.position(offset + HEADER_BYTES);
        return readHardState(payload);
    }

    static int hardStateBytes(byte[] node) {
        return 2 * Long.BYTES + Integer.BYTES + 1 + node.length;
    }

    static void putHardState(ByteBuffer to, HardState state, byte[] node) {
        to.putLong(state.promisedEpoch());
        to.putLong(state.promisedTo().startedAt());
        to.putInt(state.history());
        to.put((byte) node.length);
        to.put(node);
    }

    static HardState readHardState(ByteBuffer from) {
        long epoch = from.getLong();
        long startedAt = from.getLong();
        int history = from.getInt();
        byte[] node = new byte[from.get()];
        from.get(node);
        return new HardState(
                epoch,
                new Run(new NodeId(new String(node, StandardCharsets.UTF_8)), startedAt),
                history);
    }
}
