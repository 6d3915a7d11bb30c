package io.ridgeline.benchmarks;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A load for Redis, as `ridgeline bench` is one for Ridgeline: callers are answers, the event is
/// one entry of a stream of each caller, and an append is answered once so many replicas have it.
///
///     append PORT CALLERS SECONDS WARM_UP REPLICAS
///     read PORT STREAMS SECONDS
///
/// Prints one JSON object with `perSecond`, and for appends `p50Micros`.
public final class RedisLoad {
    private static final int DATA_BYTES = 256;
    private static final String PAGE = "1000";

    /// Nothing is sent after it.
    private final long endNanos;

    /// Nothing counts before it.
    private final long beginNanos;

    private final CountDownLatch ended;
    private final List<Long> waits = new ArrayList<>();
    private long entries;
    private volatile @Nullable Throwable failure;

    private RedisLoad(int callers, int warmUpSeconds, int seconds) {
        ended = new CountDownLatch(callers);
        beginNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
        endNanos = beginNanos + TimeUnit.SECONDS.toNanos(seconds);
    }

    /// Runs one measurement.
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        int callers = Integer.parseInt(args[2]);
        int seconds = Integer.parseInt(args[3]);
        boolean reads = args[0].equals("read");
        RedisLoad load =
                new RedisLoad(reads ? 1 : callers, reads ? 0 : Integer.parseInt(args[4]), seconds);
        EventLoopGroup group = new EpollEventLoopGroup(1);
        try {
            for (int i = 0; i < (reads ? 1 : callers); i++) {
                SimpleChannelInboundHandler<RedisMessage> caller =
                        reads ? load.new Reader(callers) : load.new Appender(i, args[5]);
                new Bootstrap()
                        .group(group)
                        .channel(EpollSocketChannel.class)
                        .handler(new Pipeline(caller))
                        .connect("127.0.0.1", port)
                        .sync();
            }
            load.ended.await();
        } finally {
            var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
        if (load.failure != null) {
            throw new IllegalStateException(load.failure);
        }
        System.out.println(load.result(seconds));
    }

    private String result(int seconds) {
        String rate = "{\"perSecond\":" + entries / seconds;
        if (waits.isEmpty()) {
            return rate + "}";
        }
        long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
        return rate + ",\"p50Micros\":" + sorted[sorted.length / 2] / 1_000 + "}";
    }

    private static ByteBuf command(String... parts) {
        StringBuilder text = new StringBuilder("*" + parts.length + "\r\n");
        for (String part : parts) {
            text.append('$').append(part.length()).append("\r\n").append(part).append("\r\n");
        }
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        private final SimpleChannelInboundHandler<RedisMessage> caller;

        Pipeline(SimpleChannelInboundHandler<RedisMessage> caller) {
            this.caller = caller;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(
                            new RedisDecoder(),
                            new RedisBulkStringAggregator(),
                            new RedisArrayAggregator(),
                            caller);
        }
    }

    private abstract class Caller extends SimpleChannelInboundHandler<RedisMessage> {
        abstract void next(Channel channel);

        @Override
        public void channelActive(ChannelHandlerContext context) {
            next(context.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failure = cause;
            ended.countDown();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (ended.getCount() > 0) {
                exceptionCaught(context, new IOException("Redis closed the connection"));
            }
        }

        /// What cannot be sent closes the connection.
        final void send(Channel channel, ByteBuf request) {
            var _ = channel.writeAndFlush(request).addListener(CLOSE_ON_FAILURE);
        }

        final void fail(RedisMessage message) {
            throw new IllegalStateException("Redis answered " + message);
        }
    }

    private final class Appender extends Caller {
        private final ByteBuf request;
        private long sentNanos;

        Appender(int number, String replicas) {
            byte[] data = new byte[DATA_BYTES];
            Arrays.fill(data, (byte) 'x');
            ByteBuf append =
                    command(
                            "XADD",
                            "stream-" + number,
                            "*",
                            "type",
                            "Measured",
                            "data",
                            new String(data, StandardCharsets.US_ASCII));
            // The same answer with and without replicas: a number ends each append.
            request = Unpooled.wrappedBuffer(append, command("WAIT", replicas, "0"));
        }

        @Override
        void next(Channel channel) {
            sentNanos = System.nanoTime();
            if (sentNanos - endNanos >= 0) {
                ended.countDown();
                return;
            }
            send(channel, request.retainedDuplicate());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, RedisMessage message) {
            if (message instanceof IntegerRedisMessage) {
                long now = System.nanoTime();
                if (sentNanos - beginNanos >= 0 && now - endNanos < 0) {
                    entries++;
                    waits.add(now - sentNanos);
                }
                next(context.channel());
            } else if (message instanceof ErrorRedisMessage) {
                fail(message);
            }
        }
    }

    /// Reads one stream after the other, and begins again after the last.
    private final class Reader extends Caller {
        private final int streams;
        private int stream;
        private String from = "-";

        Reader(int streams) {
            this.streams = streams;
        }

        @Override
        void next(Channel channel) {
            if (System.nanoTime() - endNanos >= 0) {
                ended.countDown();
                return;
            }
            send(channel, command("XRANGE", "stream-" + stream, from, "+", "COUNT", PAGE));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, RedisMessage message) {
            if (!(message instanceof ArrayRedisMessage page)) {
                fail(message);
                return;
            }
            int size = page.children().size();
            entries += size;
            if (size < Integer.parseInt(PAGE)) {
                stream = (stream + 1) % streams;
                from = "-";
            } else {
                ArrayRedisMessage last = (ArrayRedisMessage) page.children().get(size - 1);
                FullBulkStringRedisMessage id = (FullBulkStringRedisMessage) last.children().get(0);
                from = "(" + id.content().toString(StandardCharsets.US_ASCII);
            }
            next(context.channel());
        }
    }
}
