package io.ridgeline.transport.libp2p.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamPromise;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.multistream.MultistreamInitiator;
import io.ridgeline.transport.libp2p.multistream.MultistreamResponder;
import io.ridgeline.transport.libp2p.multistream.NegotiationException;
import io.ridgeline.transport.libp2p.multistream.Negotiator;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import io.ridgeline.transport.libp2p.noise.SecureSession;
import io.ridgeline.transport.libp2p.yamux.YamuxSession;
import io.ridgeline.transport.libp2p.yamux.YamuxStream;
import io.ridgeline.transport.libp2p.yamux.YamuxViolation;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A connection behind its handshake: opens frames, feeds the yamux session, and pulls what the
/// session has to send whenever the socket takes more.
///
/// The socket is read even while it takes nothing: two peers that both waited for the other to read
/// would wait for ever. What a peer could make us queue is bounded by the session.
///
/// It becomes ready at once for the side that accepted it, and with the first sign of life for the
/// side that dialled: only then is it known that the peer's allow list has us.
final class MuxedConnection extends ChannelInboundHandlerAdapter
        implements P2pConnection, YamuxSession.Listener {
    private static final System.Logger LOG = System.getLogger(MuxedConnection.class.getName());

    /// Others on the loop get their turn after so many full frames.
    private static final int FRAMES_PER_TURN_MAX = 32;

    private static final long RETIREMENT_TICKS_MAX = 60;

    private final UpgradeContext context;
    private final Channel channel;
    private final SecureFrames frames;
    private final PeerId remotePeerId;
    private final boolean initiator;
    private final UpgradeContext.Outcome outcome;
    private final Multiaddr localAddress;
    private final Multiaddr remoteAddress;
    private final boolean muxerSettled;
    private final YamuxSession session;
    private final KeepAlive keepAlive;
    private final Set<StreamNegotiation<?>> negotiations = new LinkedHashSet<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();

    private @Nullable Negotiator muxerNegotiator;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ScheduledFuture<?> ticking;
    private String closeReason = "closed by the peer";
    private volatile boolean cutOff;
    private boolean ready;
    private boolean over;
    private boolean reading;
    private boolean pumping;
    private boolean pumpScheduled;
    private long tick;
    private long retiredAtTick = -1;

    MuxedConnection(
            UpgradeContext context,
            Channel channel,
            SecureSession secure,
            boolean initiator,
            UpgradeContext.Outcome outcome) {
        this.context = context;
        this.channel = channel;
        this.frames = new SecureFrames(secure);
        this.remotePeerId = secure.remotePeerId();
        this.initiator = initiator;
        this.outcome = outcome;
        this.localAddress = Multiaddr.of((InetSocketAddress) channel.localAddress());
        this.remoteAddress = Multiaddr.of((InetSocketAddress) channel.remoteAddress());
        this.muxerSettled = secure.muxer().isPresent();
        this.session =
                new YamuxSession(
                        initiator, context.options().yamux(), context.streamBudget(), this);
        this.keepAlive =
                new KeepAlive(
                        context.options().keepAliveInterval(),
                        context.options().keepAliveTimeout());
    }

    /// Takes over from the upgrade.
    ///
    /// @param rest what came behind the handshake; released here
    /// @param nanosLeft of the time for the upgrade
    void begin(ByteBuf rest, long nanosLeft) {
        deadline =
                channel.eventLoop()
                        .schedule(
                                () -> close("no sign of life in time"),
                                Math.max(0, nanosLeft),
                                TimeUnit.NANOSECONDS);
        try {
            if (muxerSettled) {
                onMuxer();
            } else {
                // Before the muxer runs nothing but negotiation may pass.
                Negotiator negotiator =
                        initiator
                                ? new MultistreamInitiator(
                                        List.of(YamuxSession.ID), this::sendSealed)
                                : new MultistreamResponder(
                                        YamuxSession.ID::equals, this::sendSealed);
                muxerNegotiator = negotiator;
                negotiator.start();
                channel.flush();
            }
        } finally {
            receive(rest);
        }
        pump();
    }

    private void sendSealed(ByteBuffer bytes) {
        // The cipher works on one array of its own.
        ByteBuffer plain = SecureFrames.outgoing().put(bytes).flip();
        write(frames.seal(plain, channel.alloc()));
    }

    private void write(ByteBuf frame) {
        bytesSent.add(frame.readableBytes());
        var _ = channel.write(frame, channel.voidPromise());
    }

    private void onMuxer() {
        long period = keepAlive.tickNanos();
        ticking =
                channel.eventLoop()
                        .scheduleAtFixedRate(this::onTick, period, period, TimeUnit.NANOSECONDS);
        if (initiator) {
            // Its answer is the sign of life, and the first round trip measured.
            session.ping(keepAlive.begin(new CompletableFuture<>()));
        } else {
            onReady();
        }
    }

    private void onReady() {
        ready = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        outcome.onUpgraded(this);
    }

    // ---- input ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        receive((ByteBuf) message);
    }

    private void receive(ByteBuf bytes) {
        reading = true;
        try {
            bytesReceived.add(bytes.readableBytes());
            if (!over) {
                frames.receive(bytes, this::onPlain);
            }
        } catch (YamuxViolation e) {
            // What was not sent yet is dropped: the peer is told why, and nothing else.
            session.goAwayForViolation();
            reading = false;
            pump();
            cutOff(String.valueOf(e.getMessage()));
        } catch (HandshakeException | MalformedException | NegotiationException e) {
            cutOff(String.valueOf(e.getMessage()));
        } finally {
            reading = false;
            bytes.release();
        }
    }

    private void onPlain(ByteBuffer plain) {
        if (over) {
            return;
        }
        Negotiator negotiator = muxerNegotiator;
        if (negotiator != null) {
            if (negotiator.feed(plain) == null) {
                return;
            }
            muxerNegotiator = null;
            onMuxer();
        }
        if (plain.hasRemaining()) {
            if (!ready) {
                onReady();
            }
            session.receive(plain);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        pump();
    }

    // ---- output ----

    @Override
    public void onOutput() {
        // While reading, what accumulates leaves together at the end; else at the end of the turn.
        if (!reading && !pumping && !pumpScheduled) {
            pumpScheduled = true;
            execute(() -> {
                pumpScheduled = false;
                pump();
            });
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        pump();
    }

    private void pump() {
        if (pumping || over) {
            return;
        }
        pumping = true;
        try {
            int count = 0;
            while (session.hasOutput() && channel.isWritable() && count < FRAMES_PER_TURN_MAX) {
                boolean wrote = false;
                while (session.hasOutput() && channel.isWritable()) {
                    ByteBuffer plain = SecureFrames.outgoing();
                    session.fill(plain);
                    if (plain.flip().hasRemaining()) {
                        write(frames.seal(plain, channel.alloc()));
                        wrote = true;
                        count++;
                    }
                }
                if (wrote) {
                    channel.flush();
                }
            }
        } finally {
            pumping = false;
        }
        if (session.hasOutput() && channel.isWritable()) {
            onOutput();
        }
    }

    // ---- streams ----

    @Override
    public StreamReader onStream(YamuxStream stream) {
        StreamNegotiation<?> negotiation =
                StreamNegotiation.inbound(this, stream, context.protocols());
        negotiations.add(negotiation);
        negotiation.start();
        return negotiation;
    }

    /// Opens a stream; called from any thread.
    <C> StreamPromise<C> open(ProtocolBinding<C> binding) {
        StreamPromise<C> promise =
                new StreamPromise<>(new CompletableFuture<>(), new CompletableFuture<>());
        if (!tryExecute(() -> openNow(binding, promise))) {
            fail(promise, new IllegalStateException("the host has stopped"));
        }
        return promise;
    }

    private <C> void openNow(ProtocolBinding<C> binding, StreamPromise<C> promise) {
        if (over) {
            fail(promise, new IllegalStateException(closeReason));
            return;
        }
        try {
            YamuxStream stream = session.open(UNSET);
            StreamNegotiation<C> negotiation =
                    StreamNegotiation.outbound(this, stream, binding, promise);
            stream.reader(negotiation);
            negotiations.add(negotiation);
            negotiation.start();
        } catch (IllegalStateException e) {
            fail(promise, e);
        }
    }

    private static void fail(StreamPromise<?> promise, RuntimeException cause) {
        promise.stream().completeExceptionally(cause);
        promise.controller().completeExceptionally(cause);
    }

    private static final StreamReader UNSET =
            new StreamReader() {
                @Override
                public void onData(ByteBuffer data) {}

                @Override
                public void onRemoteClosed() {}

                @Override
                public void onReset(String reason) {}
            };

    void onNegotiated(StreamNegotiation<?> negotiation) {
        negotiations.remove(negotiation);
    }

    @Override
    public void onReaderFailure(RuntimeException cause) {
        LOG.log(System.Logger.Level.DEBUG, () -> "stream of " + remotePeerId + " failed", cause);
    }

    @Override
    public void onDrained() {
        // Not from within the session: it is still at work.
        execute(() -> close("no more streams"));
    }

    /// Opens and takes no more streams; ends with the last one.
    void retire() {
        execute(() -> {
            if (!over && retiredAtTick < 0) {
                retiredAtTick = tick;
                session.goAway();
            }
        });
    }

    // ---- time ----

    /// {@return how often time has been looked at so far}
    long tick() {
        return tick;
    }

    private void onTick() {
        tick++;
        session.onTick();
        if (!keepAlive.isAlive()) {
            close("no answer to a ping");
            return;
        }
        if (keepAlive.isDue()) {
            session.ping(keepAlive.begin(new CompletableFuture<>()));
        }
        if (retiredAtTick >= 0 && tick - retiredAtTick > RETIREMENT_TICKS_MAX) {
            close("replaced by another connection");
            return;
        }
        long negotiationTicks =
                context.options().upgradeTimeout().toNanos() / keepAlive.tickNanos() + 1;
        for (StreamNegotiation<?> each : new ArrayList<>(negotiations)) {
            if (each.isOlderThan(negotiationTicks)) {
                each.expire();
            }
        }
    }

    @Override
    public void onPong(long value) {
        keepAlive.onPong(value);
    }

    @Override
    public CompletionStage<Long> ping() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        boolean willRun =
                tryExecute(() -> {
                    if (over) {
                        answer.completeExceptionally(new IllegalStateException(closeReason));
                    } else {
                        session.ping(keepAlive.begin(answer));
                    }
                });
        if (!willRun) {
            answer.completeExceptionally(new IllegalStateException("the host has stopped"));
        }
        return answer;
    }

    // ---- the rest of P2pConnection ----

    @Override
    public PeerId remotePeerId() {
        return remotePeerId;
    }

    @Override
    public Multiaddr localAddress() {
        return localAddress;
    }

    @Override
    public Multiaddr remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean initiator() {
        return initiator;
    }

    @Override
    public void execute(Runnable action) {
        var _ = tryExecute(action);
    }

    private boolean tryExecute(Runnable action) {
        try {
            channel.eventLoop().execute(action);
            return true;
        } catch (RejectedExecutionException _) {
            // The host has stopped, and this connection with it.
            return false;
        }
    }

    @Override
    public boolean onThread() {
        return channel.eventLoop().inEventLoop();
    }

    @Override
    public Traffic traffic() {
        return new Traffic(bytesSent.sum(), bytesReceived.sum(), keepAlive.roundTripNanos());
    }

    @Override
    public CompletionStage<String> closed() {
        return closed;
    }

    // ---- the end ----

    @Override
    public void close(String reason) {
        if (!onThread()) {
            execute(() -> close(reason));
            return;
        }
        if (!over) {
            closeReason = reason;
            finish();
            var _ = channel.close();
        }
    }

    @Override
    public void cutOff(String violation) {
        if (!onThread()) {
            execute(() -> cutOff(violation));
            return;
        }
        if (!over) {
            // First: whoever hears of the end asks for it.
            cutOff = true;
            close(violation);
        }
    }

    @Override
    public boolean isCutOff() {
        return cutOff;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        close(String.valueOf(cause.getMessage()));
    }

    private void finish() {
        if (over) {
            return;
        }
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (ticking != null) {
            ticking.cancel(false);
        }
        session.abort(closeReason);
        keepAlive.abort(closeReason);
        closed.complete(closeReason);
        if (!ready) {
            outcome.onFailed(
                    new HandshakeException(
                            HandshakeFailure.CLOSED,
                            closeReason
                                    + " right after the handshake; is "
                                    + context.identity().peerId()
                                    + " on the allow list of "
                                    + remotePeerId
                                    + "?"));
        }
    }

    @Override
    public String toString() {
        return remotePeerId + " at " + remoteAddress + (initiator ? " (dialled)" : "");
    }
}
