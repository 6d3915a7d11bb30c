package io.ridgeline.spi.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Reads within bounds: whatever the bytes say, nothing behind the end is read, and no more is
/// allocated than the bytes that are there justify.
final class ByteReader {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int at;

    ByteReader(byte[] bytes, int from, int end) {
        if (from > end || end > bytes.length || from < 0) {
            throw new MalformedTransactionException(
                    "needs bytes up to " + end + " of " + bytes.length);
        }
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    static long getU64(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    int position() {
        return at;
    }

    void skip(int count) {
        if (count > end - at) {
            throw new MalformedTransactionException("needs " + count + " bytes, has " + (end - at));
        }
        at += count;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new MalformedTransactionException("number cut off");
            }
            byte b = bytes[at++];
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedTransactionException("number longer than 64 bits");
    }

    long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }

    /// A number of things of which each takes at least so many of the bytes that are left; for 0, a
    /// number that fits an int.
    int count(int bytesEach) {
        long value = varint();
        long most = bytesEach == 0 ? Integer.MAX_VALUE : (end - at) / bytesEach;
        if (value < 0 || value > most) {
            throw new MalformedTransactionException(
                    Long.toUnsignedString(value) + " of something in " + (end - at) + " bytes");
        }
        return (int) value;
    }

    int place(int size) {
        long value = varint();
        if (value < 0 || value >= size) {
            throw new MalformedTransactionException(
                    "place " + Long.toUnsignedString(value) + " in a list of " + size);
        }
        return (int) value;
    }

    String string() {
        int length = count(1);
        String value = Transaction.utf8(bytes, at, length);
        at += length;
        return value;
    }

    List<String> strings() {
        int count = count(1);
        List<String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(string());
        }
        return values;
    }
}
