package io.ridgeline.storage.file.segment;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What stands at the begin of a segment, twice: the state of all partitions of the bucket before
/// its first batch, so that recovery need not read older segments.
///
/// @param salt names the file; also in its name and in each of its batches
/// @param number of the segment in its bucket, from 1
/// @param firstBatch the number of its first batch
/// @param lastControl the number of the last batch with control records before it
/// @param previous where the segment before ends; what lies behind does not count
/// @param previousBatch the checksum of the header of the batch before
/// @param nextLogId the log id that is given next
/// @param partitions the state of each
public record SegmentHeader(
        long salt,
        long number,
        long firstBatch,
        long lastControl,
        long previous,
        int previousBatch,
        int nextLogId,
        List<Partition> partitions) {
    /// The headers' copies and the first batch begin at multiples of this.
    public static final int PAGE_BYTES = 4096;

    private static final int MAGIC = 0x52_4C_53_31;
    private static final int FIXED_BYTES = 68;

    public SegmentHeader {
        partitions = List.copyOf(partitions);
    }

    /// A partition before the segment's first batch.
    ///
    /// @param partition whose log it is
    /// @param logId names the log in indexes
    /// @param storageId of the replica
    /// @param last the last entry
    /// @param nextSequence the sequence of the next event
    /// @param hardState as last saved
    public record Partition(
            PartitionId partition,
            int logId,
            UUID storageId,
            LogPosition last,
            long nextSequence,
            HardState hardState) {}

    /// {@return the length of one copy, padding included}
    public static int copyBytes(int partitions) {
        int most = FIXED_BYTES + partitions * (4 + 4 + 16 + 24 + 21 + 63);
        return most + PAGE_BYTES - 1 & -PAGE_BYTES;
    }

    /// {@return both copies}
    public ByteBuffer encode() {
        ByteBuffer body = ByteBuffer.allocate(copyBytes(partitions.size()));
        body.position(FIXED_BYTES);
        for (Partition partition : partitions) {
            body.putInt(partition.partition.value());
            body.putInt(partition.logId);
            body.putLong(partition.storageId.getMostSignificantBits());
            body.putLong(partition.storageId.getLeastSignificantBits());
            body.putLong(partition.last.index());
            body.putLong(partition.last.epoch());
            body.putLong(partition.nextSequence);
            HardState state = partition.hardState;
            Records.putHardState(
                    body, state, state.promisedTo().node().name().getBytes(StandardCharsets.UTF_8));
        }
        body.putInt(0, MAGIC);
        body.putInt(8, body.position());
        body.putInt(12, 1);
        body.putLong(16, salt);
        body.putLong(24, number);
        body.putLong(32, firstBatch);
        body.putLong(40, lastControl);
        body.putLong(48, previous);
        body.putInt(56, previousBatch);
        body.putInt(60, nextLogId);
        body.putInt(64, partitions.size());
        body.putInt(4, checksum(body, 0, body.position()));
        return ByteBuffer.allocate(2 * body.capacity()).put(body.array()).put(body.array()).flip();
    }

    private static int checksum(ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at + 8, length - 8));
        return (int) crc.getValue();
    }

    /// {@return the copy that begins here, or null if there is no good one}
    ///
    /// @param salt of the segment
    public static @Nullable SegmentHeader read(ByteBuffer bytes, int at, long salt) {
        if (bytes.limit() - at < FIXED_BYTES
                || bytes.getInt(at) != MAGIC
                || bytes.getLong(at + 16) != salt) {
            return null;
        }
        int length = bytes.getInt(at + 8);
        if (length < FIXED_BYTES
                || length > bytes.limit() - at
                || bytes.getInt(at + 4) != checksum(bytes, at, length)) {
            return null;
        }
        ByteBuffer in = bytes.slice(at, length);
        in.position(FIXED_BYTES);
        int count = in.getInt(64);
        List<Partition> partitions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            partitions.add(
                    new Partition(
                            new PartitionId(in.getInt()),
                            in.getInt(),
                            new UUID(in.getLong(), in.getLong()),
                            new LogPosition(in.getLong(), in.getLong()),
                            in.getLong(),
                            Records.readHardState(in)));
        }
        return new SegmentHeader(
                salt,
                in.getLong(24),
                in.getLong(32),
                in.getLong(40),
                in.getLong(48),
                in.getInt(56),
                in.getInt(60),
                partitions);
    }

    /// {@return the offset of the first batch}
    public int headerBytes() {
        return 2 * copyBytes(partitions.size());
    }
}
