package io.ridgeline.storage.file.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The frame of what one sync made durable. Batches of a segment follow each other at multiples of
/// [#ALIGNMENT]; each is written only after the one before it was synced, so that a batch that can
/// be read proves that all before it were durable.
///
/// ```
///  0 u32 magic
///  4 u32 CRC32C of bytes 8 to 55
///  8 u64 salt of the segment: bytes of another file are never taken for a batch
/// 16 u64 number of the batch in its bucket, from 1
/// 24 u64 number of the last batch with control records before this one, or, in a copy, before the
///        one that it repeats; 0 for none
/// 32 u32 length of the body
/// 36 u32 CRC32C of the body
/// 40 u32 CRC32C of the header of the batch before
/// 44 u32 flags
/// 48 u64 offset of this batch
/// 56     records
/// ```
///
/// @param number from 1 in the bucket
/// @param lastControl the number of the last batch with control records before
/// @param bodyBytes the length of the records
/// @param bodyChecksum over the records
/// @param previous the checksum of the header before
/// @param checksum this header's own checksum
/// @param isCopy whether it repeats the control records of the batch before, with which it was
///   written; then it proves nothing about that one
public record Batch(
        long number,
        long lastControl,
        int bodyBytes,
        int bodyChecksum,
        int previous,
        int checksum,
        boolean isCopy) {
    /// Bytes before the records.
    public static final int HEADER_BYTES = 56;

    /// Batches begin at multiples of this.
    public static final int ALIGNMENT = 8;

    private static final int MAGIC = 0x52_4C_42_31;
    private static final int COPY = 1;

    /// {@return the offset at which the next batch begins}
    public static long end(long start, int bodyBytes) {
        return start + HEADER_BYTES + bodyBytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /// Writes the header of a batch whose records are in place behind it.
    ///
    /// @param batch begins at `at`
    /// @return the checksum of the header
    public static int seal(
            ByteBuffer batch,
            int at,
            long salt,
            long offset,
            long number,
            long lastControl,
            int bodyBytes,
            int previous,
            boolean isCopy) {
        batch.putInt(at, MAGIC);
        batch.putLong(at + 8, salt);
        batch.putLong(at + 16, number);
        batch.putLong(at + 24, lastControl);
        batch.putInt(at + 32, bodyBytes);
        batch.putInt(at + 36, checksum(batch, at + HEADER_BYTES, bodyBytes));
        batch.putInt(at + 40, previous);
        batch.putInt(at + 44, isCopy ? COPY : 0);
        batch.putLong(at + 48, offset);
        int checksum = checksum(batch, at + 8, HEADER_BYTES - 8);
        batch.putInt(at + 4, checksum);
        return checksum;
    }

    /// {@return whether a header may begin here; to be asked before [#read]}
    public static boolean mayBegin(ByteBuffer bytes, int at) {
        return bytes.getInt(at) == MAGIC;
    }

    /// {@return the header, or null if none of this segment and offset is there}
    public static @Nullable Batch read(ByteBuffer bytes, int at, long salt, long offset) {
        if (bytes.limit() - at < HEADER_BYTES
                || bytes.getInt(at) != MAGIC
                || bytes.getLong(at + 8) != salt
                || bytes.getLong(at + 48) != offset) {
            return null;
        }
        int checksum = bytes.getInt(at + 4);
        int bodyBytes = bytes.getInt(at + 32);
        if (bodyBytes < 0 || checksum != checksum(bytes, at + 8, HEADER_BYTES - 8)) {
            return null;
        }
        return new Batch(
                bytes.getLong(at + 16),
                bytes.getLong(at + 24),
                bodyBytes,
                bytes.getInt(at + 36),
                bytes.getInt(at + 40),
                checksum,
                (bytes.getInt(at + 44) & COPY) != 0);
    }

    /// {@return whether the records are what was written}
    public boolean isIntact(ByteBuffer bytes, int at) {
        return bytes.limit() - at >= HEADER_BYTES + bodyBytes
                && checksum(bytes, at + HEADER_BYTES, bodyBytes) == bodyChecksum;
    }

    private static int checksum(ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at, length));
        return (int) crc.getValue();
    }
}
