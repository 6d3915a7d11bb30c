package io.ridgeline.spi.storage;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.MalformedTransactionException;
import io.ridgeline.spi.event.Transaction;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One entry of a partition's log: the same bytes on wire and disk, encoded once.
///
/// Layout, big-endian, [#HEADER_BYTES] before the payload:
///
/// ```
///  0 u32 length of the payload
///  4 u32 CRC32C of all that follows, payload included
///  8 u32 partition
/// 12 u64 index, from 1
/// 20 u64 epoch
/// 28 u8  kind
/// 29 u8  version of the payload's layout
/// 30 u16 flags, 0
/// 32     payload
/// ```
///
/// Immutable: nobody may change the bytes once an entry was made of them. Two entries of a
/// partition with the same index and epoch are the same entry.
public final class Entry {
    /// Bytes before the payload.
    public static final int HEADER_BYTES = 32;

    /// The version of payload layouts that is written.
    public static final int VERSION = 1;

    private static final int CHECKSUM = 4;
    private static final int PARTITION = 8;
    private static final int INDEX = 12;
    private static final int EPOCH = 20;
    private static final int KIND = 28;
    private static final int VERSION_OFFSET = 29;

    private final ByteBuffer encoded;
    private final long index;
    private final long epoch;
    private final EntryKind kind;
    private @Nullable Transaction transaction;

    private Entry(ByteBuffer encoded, @Nullable Transaction transaction) {
        this.encoded = encoded;
        this.index = encoded.getLong(INDEX);
        this.epoch = encoded.getLong(EPOCH);
        this.kind = EntryKind.of(encoded.get(KIND) & 0xFF);
        this.transaction = transaction;
    }

    /// Makes an entry of a transaction whose sequences and versions are assigned. Uses the
    /// transaction's own bytes where they have room for the header, so the transaction must not be
    /// used for another.
    public static Entry of(PartitionId partition, LogPosition position, Transaction transaction) {
        ByteBuffer room = transaction.withHeadroom();
        if (room == null) {
            room = ByteBuffer.allocate(HEADER_BYTES + transaction.lengthBytes());
            room.put(HEADER_BYTES, transaction.payload(), 0, transaction.lengthBytes());
        }
        seal(room, partition, position, EntryKind.TRANSACTION);
        return new Entry(room, transaction);
    }

    /// Makes an entry of a payload, which is copied.
    public static Entry of(
            PartitionId partition, LogPosition position, EntryKind kind, ByteBuffer payload) {
        ByteBuffer room = ByteBuffer.allocate(HEADER_BYTES + payload.remaining());
        room.put(HEADER_BYTES, payload, payload.position(), payload.remaining());
        seal(room, partition, position, kind);
        return new Entry(room, null);
    }

    private static void seal(
            ByteBuffer room, PartitionId partition, LogPosition position, EntryKind kind) {
        room.putInt(0, room.limit() - HEADER_BYTES);
        room.putInt(PARTITION, partition.value());
        room.putLong(INDEX, position.index());
        room.putLong(EPOCH, position.epoch());
        room.put(KIND, (byte) kind.code());
        room.put(VERSION_OFFSET, (byte) VERSION);
        room.putShort(VERSION_OFFSET + 1, (short) 0);
        room.putInt(CHECKSUM, checksum(room, room.limit()));
    }

    private static int checksum(ByteBuffer bytes, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(PARTITION, end - PARTITION));
        return (int) crc.getValue();
    }

    /// Reads the entry at the buffer's position and moves it behind the entry. The entry keeps a
    /// view of the buffer's bytes, which must not change afterwards.
    ///
    /// @throws MalformedTransactionException if the bytes are cut off, their checksum is wrong, or
    ///   their kind or version is unknown; the buffer's position is then unchanged
    public static Entry decode(ByteBuffer buffer) {
        int start = buffer.position();
        int length = encodedLength(buffer);
        ByteBuffer encoded = buffer.slice(start, length);
        int found = checksum(encoded, length);
        if (found != encoded.getInt(CHECKSUM)) {
            throw new MalformedTransactionException(
                    "entry checksum %08x, computed %08x"
                            .formatted(encoded.getInt(CHECKSUM), found));
        }
        int version = encoded.get(VERSION_OFFSET) & 0xFF;
        if (version != VERSION) {
            throw new MalformedTransactionException(
                    "entry version " + version + ", known is " + VERSION);
        }
        Entry entry = new Entry(encoded, null);
        buffer.position(start + length);
        return entry;
    }

    private static int encodedLength(ByteBuffer buffer) {
        int remaining = buffer.remaining();
        if (remaining < HEADER_BYTES) {
            throw new MalformedTransactionException("entry header in " + remaining + " bytes");
        }
        int payload = buffer.getInt(buffer.position());
        if (payload < 0 || payload > remaining - HEADER_BYTES) {
            throw new MalformedTransactionException(
                    "entry payload of " + payload + " in " + remaining + " bytes");
        }
        return HEADER_BYTES + payload;
    }

    /// {@return the partition}
    public PartitionId partition() {
        return new PartitionId(encoded.getInt(PARTITION));
    }

    /// {@return the index in the partition's log, from 1}
    public long index() {
        return index;
    }

    /// {@return the epoch whose coordinator made the entry}
    public long epoch() {
        return epoch;
    }

    /// {@return index and epoch, which name the entry in its partition}
    public LogPosition position() {
        return new LogPosition(index, epoch);
    }

    /// {@return the kind}
    public EntryKind kind() {
        return kind;
    }

    /// {@return the checksum over all but itself and the length}
    public int checksum() {
        return encoded.getInt(CHECKSUM);
    }

    /// {@return the length of the encoded entry in bytes, header included}
    public int lengthBytes() {
        return encoded.limit();
    }

    /// {@return the encoded entry, header included; do not change it}
    public ByteBuffer encoded() {
        return encoded.duplicate();
    }

    /// {@return the payload; do not change it}
    public ByteBuffer payload() {
        return encoded.slice(HEADER_BYTES, encoded.limit() - HEADER_BYTES);
    }

    /// {@return the payload as a transaction; checked at the first call}
    ///
    /// @throws MalformedTransactionException if it is none
    /// @throws IllegalStateException if the entry is of another kind
    public Transaction transaction() {
        if (kind != EntryKind.TRANSACTION) {
            throw new IllegalStateException("entry " + position() + " is " + kind);
        }
        Transaction known = transaction;
        if (known == null) {
            known = Transaction.parse(payload());
            transaction = known;
        }
        return known;
    }

    /// {@return how many sequences the entry consumes: its events, or none}
    public int eventCount() {
        return kind == EntryKind.TRANSACTION ? transaction().eventCount() : 0;
    }

    @Override
    public String toString() {
        return kind + " " + partition() + "/" + position() + " (" + lengthBytes() + " bytes)";
    }
}
