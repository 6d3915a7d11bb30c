package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What waits to be sent on a lane, bounded in bytes. Filled by any thread, emptied by one.
final class Outbox {
    /// What a message costs besides its bytes, so that empty ones are bounded, too.
    private static final int OVERHEAD_BYTES = 64;

    /// Up to here copying messages together is cheaper than sending them apart.
    private static final int SMALL_BYTES_MAX = 16 * 1024;

    private final long bytesMax;
    private final Deque<ByteBuffer> messages = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    Outbox(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// {@return whether there was room; a message of any size has room in an empty box}
    synchronized boolean offer(ByteBuffer message) {
        long cost = cost(message.remaining());
        if (closed || (bytes > 0 && bytes + cost > bytesMax)) {
            return false;
        }
        bytes += cost;
        messages.addLast(message);
        return true;
    }

    private static long cost(int length) {
        return (long) length + OVERHEAD_BYTES;
    }

    /// {@return the next messages in one piece, as they go over the wire; null if there is none, or
    /// if the first is large or has more than `room` bytes}
    synchronized @Nullable ByteBuffer pollSmall(int room) {
        int size = 0;
        int count = 0;
        for (ByteBuffer each : messages) {
            int framed = Uvarint.size(each.remaining()) + each.remaining();
            if (each.remaining() > SMALL_BYTES_MAX || size + framed > room) {
                break;
            }
            size += framed;
            count++;
        }
        if (count == 0) {
            return null;
        }
        ByteBuffer batch = ByteBuffer.allocate(size);
        for (int i = 0; i < count; i++) {
            ByteBuffer message = messages.removeFirst();
            bytes -= cost(message.remaining());
            Uvarint.write(message.remaining(), batch);
            batch.put(message);
        }
        return batch.flip();
    }

    /// {@return the next message; counts against the bound until [#onSent]}
    synchronized @Nullable ByteBuffer poll() {
        return messages.pollFirst();
    }

    synchronized void onSent(int length) {
        bytes -= cost(length);
    }

    /// Takes nothing more, and forgets what it has.
    synchronized void close() {
        closed = true;
        messages.clear();
        bytes = 0;
    }

    synchronized long bytes() {
        return bytes;
    }
}
