package io.ridgeline.transport.libp2p.multiformats;

import java.nio.ByteBuffer;

/// Reads varints whose bytes may come in pieces.
public final class UvarintDecoder {
    private static final int BYTES_MAX = 9;

    private final byte[] bytes = new byte[BYTES_MAX];
    private int count;

    /// Takes bytes until a number is complete.
    ///
    /// @return the number, or [Uvarint#INCOMPLETE] if all bytes were taken before
    /// @throws MalformedException if it is longer than 9 bytes or than it need be
    public long next(ByteBuffer in) {
        while (in.hasRemaining()) {
            if (count == BYTES_MAX) {
                throw new MalformedException("varint is longer than " + BYTES_MAX + " bytes");
            }
            bytes[count++] = in.get();
            if (bytes[count - 1] >= 0) {
                long value = Uvarint.read(ByteBuffer.wrap(bytes, 0, count));
                count = 0;
                return value;
            }
        }
        return Uvarint.INCOMPLETE;
    }
}
