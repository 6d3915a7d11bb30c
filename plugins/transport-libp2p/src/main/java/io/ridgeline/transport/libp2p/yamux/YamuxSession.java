package io.ridgeline.transport.libp2p.yamux;

import io.ridgeline.transport.libp2p.host.StreamReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// One side of a yamux connection as a state machine: fed with what came, asked for what is to be
/// sent. No threads, clocks or sockets; one thread at a time owns it.
///
/// Output is pulled, not pushed: the owner asks with [#fill] when the socket takes more, so that
/// the wait of a slow socket reaches the streams, and nothing is queued twice. Control frames go
/// ahead of data, streams with data take turns of one frame each.
public final class YamuxSession {
    /// The protocol id.
    public static final String ID = "/yamux/1.0.0";

    /// Below this, the rest of a buffer is not worth a data frame of its own.
    private static final int DATA_ROOM_BYTES_MIN = 256;

    private static final int PONGS_PENDING_MAX = 32;
    private static final int CONTROL_PENDING_MAX = 8_192;

    /// What the session tells its owner.
    public interface Listener {
        /// {@return who takes what comes on a stream that the peer has opened}
        StreamReader onStream(YamuxStream stream);

        /// The answer to [YamuxSession#ping].
        void onPong(long value);

        /// There is something to [YamuxSession#fill] a buffer with.
        void onOutput();

        /// The last stream has ended after one side said that there will be no more.
        void onDrained();

        /// A reader threw; its stream has been reset.
        void onReaderFailure(RuntimeException cause);
    }

    private final boolean initiator;
    private final YamuxLimits limits;
    private final Semaphore inboundBudget;
    private final Listener listener;

    private final SequencedMap<Integer, YamuxStream> streams = new TreeMap<>();
    private final Deque<YamuxHeader> control = new ArrayDeque<>();
    private final Deque<YamuxStream> ready = new ArrayDeque<>();
    private final ByteBuffer header = ByteBuffer.allocate(YamuxHeader.BYTES);

    private @Nullable YamuxStream bodyStream;
    private long bodyBytes;
    private boolean bodyEndsStream;

    private int nextStreamId;
    private int lastRemoteId;
    private int inboundStreams;
    private int unacknowledged;
    private int pongsPending;
    private int pingsThisTick;
    private int opensThisTick;
    private boolean goingAway;
    private boolean remoteGoingAway;

    /// @param inboundBudget streams that all peers together may open
    public YamuxSession(
            boolean initiator, YamuxLimits limits, Semaphore inboundBudget, Listener listener) {
        this.initiator = initiator;
        this.limits = limits;
        this.inboundBudget = inboundBudget;
        this.listener = listener;
        this.nextStreamId = initiator ? 1 : 2;
    }

    YamuxLimits limits() {
        return limits;
    }

    /// {@return how many streams are open}
    public int streams() {
        return streams.size();
    }

    // ---- what we do ----

    /// Opens a stream.
    ///
    /// @throws IllegalStateException if one side goes away, or too many wait for their answer
    public YamuxStream open(StreamReader reader) {
        if (goingAway || remoteGoingAway) {
            throw new IllegalStateException("the connection takes no new streams");
        }
        if (unacknowledged >= limits.unacknowledgedMax() || nextStreamId < 0) {
            throw new IllegalStateException(unacknowledged + " streams wait for their answer");
        }
        YamuxStream stream = new YamuxStream(this, nextStreamId, false, reader);
        nextStreamId += 2;
        unacknowledged++;
        streams.put(stream.id(), stream);
        send(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, stream.id(), extraWindow());
        return stream;
    }

    private int extraWindow() {
        return limits.windowBytes() - YamuxLimits.INITIAL_WINDOW_BYTES;
    }

    /// Asks for a sign of life.
    ///
    /// @param value comes back in the answer; unsigned 32 bit
    public void ping(long value) {
        send(YamuxHeader.PING, YamuxHeader.SYN, 0, value);
    }

    /// Says that we take and open no more streams; those that exist go on.
    public void goAway() {
        goAway(YamuxHeader.NORMAL);
        drainedIfEmpty();
    }

    /// Says that the peer broke the rules. The connection ends when that has left.
    public void goAwayForViolation() {
        control.clear();
        ready.clear();
        goAway(YamuxHeader.PROTOCOL_ERROR);
    }

    private void goAway(int code) {
        if (!goingAway) {
            goingAway = true;
            send(YamuxHeader.GO_AWAY, 0, 0, code);
        }
    }

    /// Ends all streams: the connection is gone.
    public void abort(String reason) {
        goingAway = true;
        new ArrayList<>(streams.values()).forEach(stream -> stream.die(reason));
        control.clear();
        ready.clear();
    }

    /// Begins the next interval of the limits on rates.
    public void onTick() {
        pingsThisTick = 0;
        opensThisTick = 0;
    }

    // ---- output ----

    /// {@return whether [#fill] would write something}
    public boolean hasOutput() {
        return !control.isEmpty() || !ready.isEmpty();
    }

    /// Writes frames, as many as fit and are there.
    public void fill(ByteBuffer out) {
        int start = out.position();
        while (out.remaining() >= YamuxHeader.BYTES) {
            YamuxHeader next = control.pollFirst();
            if (next != null) {
                if (next.type() == YamuxHeader.PING && next.has(YamuxHeader.ACK)) {
                    pongsPending--;
                }
                next.write(out);
                continue;
            }
            boolean roomy =
                    out.remaining() >= YamuxHeader.BYTES + DATA_ROOM_BYTES_MIN
                            || out.position() == start;
            YamuxStream stream = roomy ? ready.pollFirst() : null;
            if (stream == null) {
                return;
            }
            stream.ready = false;
            if (stream.sendable()) {
                stream.fill(out);
                offer(stream);
            }
        }
    }

    /// Lines a stream up if it has something to send and does not stand in line yet.
    void offer(YamuxStream stream) {
        if (!stream.ready && stream.sendable()) {
            stream.ready = true;
            ready.addLast(stream);
            listener.onOutput();
        }
    }

    void sendReset(int streamId) {
        send(YamuxHeader.WINDOW_UPDATE, YamuxHeader.RST, streamId, 0);
    }

    void sendWindowUpdate(int streamId, long delta) {
        send(YamuxHeader.WINDOW_UPDATE, 0, streamId, delta);
    }

    private void send(int type, int flags, int streamId, long length) {
        if (control.size() >= CONTROL_PENDING_MAX) {
            throw new YamuxViolation("peer causes more answers than it takes");
        }
        control.add(new YamuxHeader(type, flags, streamId, length));
        listener.onOutput();
    }

    // ---- input ----

    /// Takes what the peer sent, in pieces of any size.
    ///
    /// @throws YamuxViolation if the connection has to end
    public void receive(ByteBuffer in) {
        while (in.hasRemaining()) {
            if (bodyBytes > 0) {
                receiveBody(in);
            } else {
                int count = Math.min(header.remaining(), in.remaining());
                header.put(in.slice(in.position(), count));
                in.position(in.position() + count);
                if (!header.hasRemaining()) {
                    YamuxHeader next = YamuxHeader.read(header.flip());
                    header.clear();
                    onHeader(next);
                }
            }
        }
    }

    private void receiveBody(ByteBuffer in) {
        int count = (int) Math.min(bodyBytes, in.remaining());
        bodyBytes -= count;
        YamuxStream stream = bodyStream;
        if (stream != null) {
            stream.onData(in.slice(in.position(), count));
        }
        in.position(in.position() + count);
        if (bodyBytes == 0) {
            bodyStream = null;
            if (stream != null && bodyEndsStream) {
                stream.onFin();
            }
        }
    }

    private void onHeader(YamuxHeader frame) {
        switch (frame.type()) {
            case YamuxHeader.PING -> onPing(frame);
            case YamuxHeader.GO_AWAY -> {
                remoteGoingAway = true;
                drainedIfEmpty();
            }
            default -> onStreamFrame(frame);
        }
    }

    private void onPing(YamuxHeader frame) {
        if (frame.streamId() != 0) {
            throw new YamuxViolation("ping on stream " + frame.streamId());
        }
        if (frame.has(YamuxHeader.ACK)) {
            listener.onPong(frame.length());
            return;
        }
        if (++pingsThisTick > limits.pingsPerTickMax() || ++pongsPending > PONGS_PENDING_MAX) {
            throw new YamuxViolation("ping flood");
        }
        send(YamuxHeader.PING, YamuxHeader.ACK, 0, frame.length());
    }

    private void onStreamFrame(YamuxHeader frame) {
        int id = frame.streamId();
        if (id == 0) {
            throw new YamuxViolation("data or window for the session");
        }
        if (frame.has(YamuxHeader.SYN)) {
            onOpen(id);
        }
        YamuxStream stream = streams.get(id);
        if (stream == null) {
            skip(frame);
            return;
        }
        if (frame.has(YamuxHeader.ACK) && !stream.acknowledged()) {
            stream.onAcknowledged();
            unacknowledged--;
        }
        if (frame.has(YamuxHeader.RST)) {
            stream.die("by the peer");
            skip(frame);
            return;
        }
        boolean fin = frame.has(YamuxHeader.FIN);
        if (frame.type() == YamuxHeader.WINDOW_UPDATE) {
            stream.onWindowUpdate(frame.length());
        } else {
            stream.onDataHeader(frame.length());
            bodyBytes = frame.length();
            bodyStream = bodyBytes > 0 ? stream : null;
            bodyEndsStream = fin;
            fin &= bodyBytes == 0;
        }
        if (fin) {
            stream.onFin();
        }
    }

    /// A frame for a stream that has just ended, or was refused: its body is passed over, unless no
    /// window ever allowed it.
    private void skip(YamuxHeader frame) {
        if (frame.type() != YamuxHeader.DATA) {
            return;
        }
        if (frame.length() > limits.windowBytes()) {
            throw new YamuxViolation(frame.length() + " bytes on a stream that does not exist");
        }
        bodyBytes = frame.length();
        bodyStream = null;
    }

    private void onOpen(int id) {
        boolean theirs = (id & 1) == (initiator ? 0 : 1);
        if (!theirs || Integer.compareUnsigned(id, lastRemoteId) <= 0) {
            throw new YamuxViolation("stream " + id + " opened after " + lastRemoteId);
        }
        lastRemoteId = id;
        if (++opensThisTick > limits.opensPerTickMax()) {
            throw new YamuxViolation("stream flood");
        }
        if (goingAway
                || inboundStreams >= limits.inboundStreamsMax()
                || !inboundBudget.tryAcquire()) {
            sendReset(id);
            return;
        }
        inboundStreams++;
        YamuxStream stream = new YamuxStream(this, id, true, NO_READER);
        streams.put(id, stream);
        send(YamuxHeader.WINDOW_UPDATE, YamuxHeader.ACK, id, extraWindow());
        stream.reader(listener.onStream(stream));
    }

    private static final StreamReader NO_READER =
            new StreamReader() {
                @Override
                public void onData(ByteBuffer data) {
                    throw new IllegalStateException("a stream without a reader");
                }

                @Override
                public void onRemoteClosed() {}

                @Override
                public void onReset(String reason) {}
            };

    // ---- what streams tell ----

    void onReaderFailure(YamuxStream stream, RuntimeException cause) {
        stream.reset("failure of its reader");
        listener.onReaderFailure(cause);
    }

    void forget(YamuxStream stream) {
        if (streams.remove(stream.id()) == null) {
            return;
        }
        if (stream.inbound()) {
            inboundStreams--;
            inboundBudget.release();
        } else if (!stream.acknowledged()) {
            stream.onAcknowledged();
            unacknowledged--;
        }
        drainedIfEmpty();
    }

    private void drainedIfEmpty() {
        if ((goingAway || remoteGoingAway) && streams.isEmpty()) {
            listener.onDrained();
        }
    }
}
