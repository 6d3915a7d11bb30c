package io.ridgeline.transport.libp2p.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.multistream.MultistreamInitiator;
import io.ridgeline.transport.libp2p.multistream.MultistreamResponder;
import io.ridgeline.transport.libp2p.multistream.NegotiationException;
import io.ridgeline.transport.libp2p.multistream.Negotiator;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import io.ridgeline.transport.libp2p.noise.NoiseHandshake;
import io.ridgeline.transport.libp2p.noise.SecureSession;
import io.ridgeline.transport.libp2p.yamux.YamuxSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Turns a TCP connection into a [MuxedConnection]: agrees on Noise and shakes hands. One deadline
/// covers it all, and each message has one of its own; bytes that trickle in restart neither.
final class UpgradeHandler extends ChannelInboundHandlerAdapter {
    /// Sealed keys and a payload of 4 KiB.
    private static final int HANDSHAKE_FRAME_BYTES_MAX = 4_096 + 256;

    /// What may wait while the arithmetic runs: transport frames can follow at once.
    private static final int PENDING_BYTES_MAX = 256 * 1024;

    private enum Stage {
        SECURITY,
        HANDSHAKE,
        DONE
    }

    private final UpgradeContext context;
    private final boolean initiator;
    private final @Nullable PeerId expected;
    private final UpgradeContext.Outcome outcome;

    private Stage stage = Stage.SECURITY;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private boolean busy;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable Negotiator negotiator;
    private @Nullable NoiseHandshake handshake;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ScheduledFuture<?> progress;

    UpgradeHandler(
            UpgradeContext context,
            boolean initiator,
            @Nullable PeerId expected,
            UpgradeContext.Outcome outcome) {
        this.context = context;
        this.initiator = initiator;
        this.expected = expected;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx;
        if (ctx.channel().isActive()) {
            begin(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx);
    }

    private void begin(ChannelHandlerContext ctx) {
        if (deadline != null || stage == Stage.DONE) {
            return;
        }
        deadline = timer(ctx, context.options().upgradeTimeout(), "the upgrade took too long");
        onProgress(ctx);
        Negotiator first =
                initiator
                        ? new MultistreamInitiator(List.of(NoiseHandshake.ID), this::sendPlain)
                        : new MultistreamResponder(NoiseHandshake.ID::equals, this::sendPlain);
        negotiator = first;
        first.start();
        ctx.flush();
    }

    private ScheduledFuture<?> timer(ChannelHandlerContext ctx, Duration delay, String message) {
        return ctx.executor()
                .schedule(
                        () -> fail(new HandshakeException(HandshakeFailure.TIMEOUT, message)),
                        delay.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private void onProgress(ChannelHandlerContext ctx) {
        cancel(progress);
        progress = timer(ctx, context.options().progressTimeout(), "no progress in stage " + stage);
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private ChannelHandlerContext channel() {
        ChannelHandlerContext ctx = channel;
        if (ctx == null) {
            throw new IllegalStateException("not on a channel yet");
        }
        return ctx;
    }

    private void sendPlain(ByteBuffer bytes) {
        ChannelHandlerContext ctx = channel();
        var _ = ctx.write(Unpooled.wrappedBuffer(bytes), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (stage == Stage.DONE) {
            bytes.release();
            return;
        }
        if (!pending.isReadable()) {
            pending.release();
            pending = bytes;
        } else {
            try {
                ByteBuf joined =
                        ctx.alloc().buffer(pending.readableBytes() + bytes.readableBytes());
                joined.writeBytes(pending).writeBytes(bytes);
                pending.release();
                pending = joined;
            } finally {
                bytes.release();
            }
        }
        if (pending.readableBytes() > PENDING_BYTES_MAX) {
            fail(new HandshakeException(HandshakeFailure.MALFORMED, "too much at once"));
            return;
        }
        advance(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    /// Goes on with what has come, as far as that leads.
    private void advance(ChannelHandlerContext ctx) {
        try {
            if (stage == Stage.SECURITY && negotiated() != null) {
                stage = Stage.HANDSHAKE;
                onProgress(ctx);
                calculate(ctx, this::beginHandshake);
            }
            if (stage == Stage.HANDSHAKE && !busy) {
                byte[] frame = handshakeFrame();
                if (frame != null) {
                    onProgress(ctx);
                    calculate(ctx, () -> handshake().onMessage(frame));
                }
            }
        } catch (NegotiationException e) {
            fail(new HandshakeException(HandshakeFailure.NEGOTIATION, "security", e));
        } catch (MalformedException e) {
            fail(new HandshakeException(HandshakeFailure.MALFORMED, "in stage " + stage, e));
        } catch (HandshakeException e) {
            fail(e);
        }
    }

    /// {@return the security protocol agreed on, or null as long as there is none}
    private @Nullable String negotiated() {
        Negotiator current = negotiator;
        if (current == null || !pending.isReadable()) {
            return null;
        }
        ByteBuffer bytes = pending.nioBuffer();
        String agreed = current.feed(bytes);
        pending.skipBytes(pending.readableBytes() - bytes.remaining());
        return agreed;
    }

    private byte @Nullable [] beginHandshake() {
        NoiseHandshake started =
                new NoiseHandshake(
                        initiator,
                        context.identity(),
                        List.of(YamuxSession.ID),
                        expected,
                        context.allowed());
        byte[] first = started.start();
        handshake = started;
        return first;
    }

    private NoiseHandshake handshake() {
        NoiseHandshake current = handshake;
        if (current == null) {
            throw new IllegalStateException("no handshake in stage " + stage);
        }
        return current;
    }

    private byte @Nullable [] handshakeFrame() {
        if (pending.readableBytes() < SecureFrames.LENGTH_BYTES) {
            return null;
        }
        int length = pending.getUnsignedShort(pending.readerIndex());
        if (length == 0 || length > HANDSHAKE_FRAME_BYTES_MAX) {
            throw new HandshakeException(
                    HandshakeFailure.MALFORMED,
                    "handshake frame of "
                            + length
                            + " bytes, at most "
                            + HANDSHAKE_FRAME_BYTES_MAX);
        }
        if (pending.readableBytes() < SecureFrames.LENGTH_BYTES + length) {
            return null;
        }
        byte[] frame = new byte[length];
        pending.skipBytes(SecureFrames.LENGTH_BYTES).readBytes(frame);
        return frame;
    }

    /// Runs one step of the handshake elsewhere; reads nothing more until it is done.
    private void calculate(ChannelHandlerContext ctx, Supplier<byte @Nullable []> step) {
        busy = true;
        ctx.channel().config().setAutoRead(false);
        try {
            context.handshakes().execute(() -> calculateNow(ctx, step));
        } catch (RejectedExecutionException e) {
            throw new HandshakeException(
                    HandshakeFailure.OVERLOADED, "too many handshakes at once", e);
        }
    }

    private void calculateNow(ChannelHandlerContext ctx, Supplier<byte @Nullable []> step) {
        Runnable next;
        try {
            byte[] reply = step.get();
            next = () -> onCalculated(ctx, reply);
        } catch (HandshakeException e) {
            next = () -> fail(e);
        } catch (MalformedException e) {
            next = () -> fail(new HandshakeException(HandshakeFailure.MALFORMED, "handshake", e));
        }
        try {
            ctx.executor().execute(next);
        } catch (RejectedExecutionException _) {
            // The host has stopped, and the channel with it.
        }
    }

    private void onCalculated(ChannelHandlerContext ctx, byte @Nullable [] reply) {
        busy = false;
        if (stage == Stage.DONE) {
            return;
        }
        if (reply != null) {
            ByteBuf frame = ctx.alloc().ioBuffer(SecureFrames.LENGTH_BYTES + reply.length);
            frame.writeShort(reply.length).writeBytes(reply);
            var _ = ctx.writeAndFlush(frame, ctx.voidPromise());
        }
        if (handshake().isComplete()) {
            handOver(ctx, handshake().session());
        } else {
            advance(ctx);
        }
        ctx.channel().config().setAutoRead(true);
    }

    /// The connection takes over, and with it what is left of the time.
    private void handOver(ChannelHandlerContext ctx, SecureSession session) {
        stage = Stage.DONE;
        cancel(progress);
        ScheduledFuture<?> timer = deadline;
        long nanosLeft = timer == null ? 0 : timer.getDelay(TimeUnit.NANOSECONDS);
        cancel(timer);
        MuxedConnection connection =
                new MuxedConnection(context, ctx.channel(), session, initiator, outcome);
        ByteBuf rest = pending;
        pending = Unpooled.EMPTY_BUFFER;
        ctx.pipeline().replace(this, "connection", connection);
        connection.begin(rest, nanosLeft);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(new HandshakeException(HandshakeFailure.CLOSED, "closed in stage " + stage));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        HandshakeFailure failure =
                cause instanceof IOException ? HandshakeFailure.CLOSED : HandshakeFailure.MALFORMED;
        fail(new HandshakeException(failure, "in stage " + stage, cause));
    }

    /// Ends a connection that is not ready yet.
    void fail(HandshakeException failure) {
        if (stage == Stage.DONE) {
            return;
        }
        stage = Stage.DONE;
        cancel(deadline);
        cancel(progress);
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
        var _ = channel().close();
        outcome.onFailed(failure);
    }
}
