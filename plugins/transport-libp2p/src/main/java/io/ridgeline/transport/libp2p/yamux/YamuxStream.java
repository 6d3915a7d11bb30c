package io.ridgeline.transport.libp2p.yamux;

import io.ridgeline.transport.libp2p.host.StreamReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One stream of a [YamuxSession]; belongs to the session's thread.
///
/// Each direction goes from open to closed on its own; a reset closes both at once and drops what
/// is queued. Invariants: no more is sent than the peer's window, and the peer never has more
/// window than what was consumed leaves of ours.
public final class YamuxStream {
    private static final int QUEUE_HIGH_BYTES = 128 * 1024;
    private static final int QUEUE_LOW_BYTES = 64 * 1024;

    /// A write, and whom to tell when its last byte has left.
    private record Chunk(ByteBuffer data, @Nullable CompletableFuture<@Nullable Void> sent) {}

    private final YamuxSession session;
    private final int id;
    private final boolean inbound;
    private final Deque<Chunk> queue = new ArrayDeque<>();
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private StreamReader reader;
    private Runnable writableAgain = () -> {};

    private long queuedBytes;
    private boolean aboveHighMark;
    private long sendWindow = YamuxLimits.INITIAL_WINDOW_BYTES;
    private long receiveWindow;
    private long unconsumedBytes;
    private long ungrantedBytes;

    private boolean acknowledged;
    private boolean finQueued;
    private boolean finSent;
    private boolean remoteClosed;
    private boolean dead;

    /// Whether it waits in the session's list of streams with something to send.
    boolean ready;

    YamuxStream(YamuxSession session, int id, boolean inbound, StreamReader reader) {
        this.session = session;
        this.id = id;
        this.inbound = inbound;
        this.acknowledged = inbound;
        this.reader = reader;
        this.receiveWindow = session.limits().windowBytes();
    }

    /// {@return its number on the connection}
    public int id() {
        return id;
    }

    boolean inbound() {
        return inbound;
    }

    /// Says who takes what comes, from now on.
    public void reader(StreamReader next) {
        reader = next;
    }

    /// Says what to call whenever [#writable] has become `true` again.
    public void onWritable(Runnable action) {
        writableAgain = action;
    }

    /// {@return whether little enough is queued}
    public boolean writable() {
        return !aboveHighMark && !finQueued && !dead;
    }

    /// Queues bytes, which belong to the stream from now on.
    ///
    /// @return completes when the last byte is on its way
    public CompletionStage<@Nullable Void> write(ByteBuffer... data) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        if (finQueued || dead) {
            sent.completeExceptionally(new IllegalStateException("stream " + id + " is closed"));
            return sent;
        }
        int last = data.length - 1;
        while (last >= 0 && !data[last].hasRemaining()) {
            last--;
        }
        for (int i = 0; i <= last; i++) {
            queuedBytes += data[i].remaining();
            queue.add(new Chunk(data[i], i == last ? sent : null));
        }
        if (last < 0) {
            sent.complete(null);
        }
        aboveHighMark |= queuedBytes > QUEUE_HIGH_BYTES;
        session.offer(this);
        return sent;
    }

    /// Ends our direction, behind what is queued.
    public void closeWrite() {
        if (!finQueued && !dead) {
            finQueued = true;
            session.offer(this);
        }
    }

    /// Ends both directions at once.
    public void reset(String reason) {
        if (!dead) {
            session.sendReset(id);
            die(reason);
        }
    }

    /// Gives the peer room for so many bytes more.
    public void consumed(int bytes) {
        if (bytes < 0 || bytes > unconsumedBytes) {
            throw new IllegalArgumentException(
                    bytes + " consumed of " + unconsumedBytes + " received");
        }
        unconsumedBytes -= bytes;
        ungrantedBytes += bytes;
        if (ungrantedBytes >= session.limits().windowBytes() / 2L && !remoteClosed && !dead) {
            receiveWindow += ungrantedBytes;
            session.sendWindowUpdate(id, ungrantedBytes);
            ungrantedBytes = 0;
        }
    }

    /// {@return completes when both directions have ended; fails if by a reset}
    public CompletionStage<@Nullable Void> closed() {
        return closed;
    }

    /// {@return whether a frame could leave now}
    boolean sendable() {
        if (dead || finSent) {
            return false;
        }
        return queuedBytes > 0 ? sendWindow > 0 : finQueued;
    }

    /// Writes one data frame into `out`, which has room for a header and a byte at least.
    void fill(ByteBuffer out) {
        int room = out.remaining() - YamuxHeader.BYTES;
        int length = (int) Math.min(Math.min(queuedBytes, sendWindow), room);
        // Alone: js-libp2p looks at the flag before the data of its frame.
        boolean last = finQueued && queuedBytes == 0;
        new YamuxHeader(YamuxHeader.DATA, last ? YamuxHeader.FIN : 0, id, length).write(out);
        queuedBytes -= length;
        sendWindow -= length;
        int rest = length;
        while (rest > 0) {
            Chunk chunk = queue.getFirst();
            int count = Math.min(rest, chunk.data().remaining());
            out.put(chunk.data().slice(chunk.data().position(), count));
            chunk.data().position(chunk.data().position() + count);
            rest -= count;
            finishEmptyChunks();
        }
        if (last) {
            finSent = true;
            finishIfDone();
        } else if (aboveHighMark && queuedBytes <= QUEUE_LOW_BYTES) {
            aboveHighMark = false;
            writableAgain.run();
        }
    }

    private void finishEmptyChunks() {
        for (Chunk chunk = queue.peekFirst();
                chunk != null && !chunk.data().hasRemaining();
                chunk = queue.peekFirst()) {
            queue.removeFirst();
            if (chunk.sent() != null) {
                chunk.sent().complete(null);
            }
        }
    }

    boolean acknowledged() {
        return acknowledged;
    }

    void onAcknowledged() {
        acknowledged = true;
    }

    /// The header of a data frame: refused before its body is read if it overruns the window.
    void onDataHeader(long length) {
        if (remoteClosed && length > 0) {
            throw new YamuxViolation("data behind the end of stream " + id);
        }
        if (length > receiveWindow) {
            throw new YamuxViolation(
                    length + " bytes on stream " + id + ", window is " + receiveWindow);
        }
        receiveWindow -= length;
        unconsumedBytes += length;
    }

    void onData(ByteBuffer data) {
        if (dead) {
            return;
        }
        try {
            reader.onData(data);
        } catch (RuntimeException e) {
            // A protocol that cannot go on ends its stream, not its neighbours.
            session.onReaderFailure(this, e);
        }
    }

    void onWindowUpdate(long delta) {
        if (sendWindow + delta > YamuxHeader.UNSIGNED_MAX) {
            reset("window beyond 2^32");
            return;
        }
        sendWindow += delta;
        session.offer(this);
    }

    void onFin() {
        if (remoteClosed || dead) {
            return;
        }
        remoteClosed = true;
        try {
            reader.onRemoteClosed();
        } catch (RuntimeException e) {
            session.onReaderFailure(this, e);
        }
        finishIfDone();
    }

    private void finishIfDone() {
        if (remoteClosed && finSent && !dead) {
            dead = true;
            session.forget(this);
            closed.complete(null);
        }
    }

    /// The end by force: ours, the peer's, or the connection's.
    void die(String reason) {
        if (dead) {
            return;
        }
        dead = true;
        session.forget(this);
        IllegalStateException cause =
                new IllegalStateException("stream " + id + " was reset: " + reason);
        for (Chunk chunk : queue) {
            if (chunk.sent() != null) {
                chunk.sent().completeExceptionally(cause);
            }
        }
        queue.clear();
        queuedBytes = 0;
        try {
            reader.onReset(reason);
        } catch (RuntimeException e) {
            session.onReaderFailure(this, e);
        }
        closed.completeExceptionally(cause);
    }
}
