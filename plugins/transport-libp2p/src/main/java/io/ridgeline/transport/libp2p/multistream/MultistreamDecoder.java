package io.ridgeline.transport.libp2p.multistream;

import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Cuts bytes into messages: a length, a text, a newline. Takes no byte beyond the message that it
/// completes, so that what follows belongs to the protocol agreed on.
final class MultistreamDecoder {
    /// As other implementations have it, newline included.
    static final int MESSAGE_BYTES_MAX = 1024;

    private static final int PREFIX_BYTES_MAX = 2;

    private final byte[] prefix = new byte[PREFIX_BYTES_MAX];
    private int prefixBytes;
    private byte @Nullable [] message;
    private int messageBytes;

    static byte[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length + 1;
        if (length > MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException("protocol id of " + bytes.length + " bytes");
        }
        ByteBuffer out = ByteBuffer.allocate(Uvarint.size(length) + length);
        Uvarint.write(length, out);
        return out.put(bytes).put((byte) '\n').array();
    }

    /// {@return the next message without its newline, or null if it is not complete yet}
    @Nullable String next(ByteBuffer in) {
        byte[] body = message;
        if (body == null) {
            int length = readPrefix(in);
            if (length == 0) {
                return null;
            }
            body = new byte[length];
            message = body;
            messageBytes = 0;
        }
        int count = Math.min(body.length - messageBytes, in.remaining());
        in.get(body, messageBytes, count);
        messageBytes += count;
        if (messageBytes < body.length) {
            return null;
        }
        message = null;
        if (body[body.length - 1] != '\n') {
            throw new NegotiationException("message without a newline");
        }
        return new String(body, 0, body.length - 1, StandardCharsets.UTF_8);
    }

    /// {@return the length of the next message, or 0 if that is not known yet}
    private int readPrefix(ByteBuffer in) {
        while (in.hasRemaining()) {
            if (prefixBytes == PREFIX_BYTES_MAX) {
                throw new NegotiationException("message is longer than " + MESSAGE_BYTES_MAX);
            }
            prefix[prefixBytes++] = in.get();
            if (prefix[prefixBytes - 1] >= 0) {
                int length = Uvarint.readInt(ByteBuffer.wrap(prefix, 0, prefixBytes), 1 << 14);
                prefixBytes = 0;
                if (length == 0 || length > MESSAGE_BYTES_MAX) {
                    throw new NegotiationException(
                            "message of " + length + " bytes, at most " + MESSAGE_BYTES_MAX);
                }
                return length;
            }
        }
        return 0;
    }
}
