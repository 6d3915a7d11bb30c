package io.ridgeline.transport.libp2p.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import io.ridgeline.transport.libp2p.noise.CipherState;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import io.ridgeline.transport.libp2p.noise.SecureSession;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// The secure channel on the wire: two bytes of length, then a Noise message. Works on heap arrays,
/// on which the cipher is fastest.
final class SecureFrames {
    static final int LENGTH_BYTES = 2;
    static final int FRAME_BYTES_MAX = 65_535;
    static final int PLAIN_BYTES_MAX = FRAME_BYTES_MAX - CipherState.TAG_BYTES;

    /// Space for one message on its way through the cipher; no call keeps it.
    private static final class Scratch {
        final byte[] sealed = new byte[FRAME_BYTES_MAX];
        final byte[] opened = new byte[FRAME_BYTES_MAX];
        final ByteBuffer outgoing = ByteBuffer.allocate(PLAIN_BYTES_MAX);
    }

    private static final FastThreadLocal<Scratch> SCRATCH =
            new FastThreadLocal<>() {
                @Override
                protected Scratch initialValue() {
                    return new Scratch();
                }
            };

    private static final byte[] NOTHING = {};

    private final CipherState sending;
    private final CipherState receiving;

    /// A frame of which only a part has come; -1 while its length is not known.
    private int frameBytes = -1;

    private int lengthBytesRead;
    private int lengthRead;
    private byte[] partial = NOTHING;
    private int partialBytes;

    SecureFrames(SecureSession session) {
        this.sending = session.sending();
        this.receiving = session.receiving();
    }

    /// {@return an empty buffer for what is to be sealed next; valid until then}
    static ByteBuffer outgoing() {
        return SCRATCH.get().outgoing.clear();
    }

    /// {@return the frame with these bytes, which are heap bytes}
    ByteBuf seal(ByteBuffer plain, ByteBufAllocator allocator) {
        Scratch scratch = SCRATCH.get();
        int length =
                sending.seal(
                        plain.array(),
                        plain.arrayOffset() + plain.position(),
                        plain.remaining(),
                        scratch.sealed,
                        0);
        plain.position(plain.limit());
        ByteBuf frame = allocator.ioBuffer(LENGTH_BYTES + length);
        return frame.writeShort(length).writeBytes(scratch.sealed, 0, length);
    }

    /// Takes all that came, and hands on what was in it; valid during the call.
    ///
    /// @throws HandshakeException if a message is not authentic, or none at all
    void receive(ByteBuf in, Consumer<ByteBuffer> plain) {
        while (in.isReadable()) {
            if (frameBytes < 0) {
                readLength(in);
                continue;
            }
            int count = Math.min(frameBytes - partialBytes, in.readableBytes());
            if (count == frameBytes) {
                byte[] sealed = SCRATCH.get().sealed;
                in.readBytes(sealed, 0, count);
                open(sealed, plain);
            } else {
                if (partial.length < frameBytes) {
                    partial = new byte[FRAME_BYTES_MAX];
                }
                in.readBytes(partial, partialBytes, count);
                partialBytes += count;
                if (partialBytes == frameBytes) {
                    open(partial, plain);
                }
            }
        }
    }

    private void readLength(ByteBuf in) {
        lengthRead = lengthRead << 8 | in.readUnsignedByte();
        if (++lengthBytesRead == LENGTH_BYTES) {
            frameBytes = lengthRead;
            lengthRead = 0;
            lengthBytesRead = 0;
            if (frameBytes < CipherState.TAG_BYTES) {
                throw new HandshakeException(
                        HandshakeFailure.MALFORMED, "frame of " + frameBytes + " bytes");
            }
        }
    }

    private void open(byte[] sealed, Consumer<ByteBuffer> plain) {
        byte[] opened = SCRATCH.get().opened;
        int length = receiving.open(sealed, 0, frameBytes, opened, 0);
        frameBytes = -1;
        partialBytes = 0;
        if (length > 0) {
            plain.accept(ByteBuffer.wrap(opened, 0, length));
        }
    }
}
