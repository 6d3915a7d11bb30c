package io.ridgeline.transport.libp2p.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/// The threads that carry connections. The one place that knows of epoll, which needs fewer system
/// calls, and NIO, where there is none: Netty 4.2 makes its loops in another way.
final class EventLoops {
    private static final int WRITE_BUFFER_LOW_BYTES = 64 * 1024;
    private static final int WRITE_BUFFER_HIGH_BYTES = 256 * 1024;

    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoopGroup group;

    EventLoops(int threads) {
        ThreadFactory factory = new DefaultThreadFactory("libp2p", true);
        this.group =
                EPOLL
                        ? new EpollEventLoopGroup(threads, factory)
                        : new NioEventLoopGroup(threads, factory);
    }

    // Not by their classes: a native executable has no constructors to be found by reflection.

    ServerBootstrap server() {
        ChannelFactory<ServerChannel> channels =
                EPOLL ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
        return new ServerBootstrap()
                .group(group)
                .channelFactory(channels)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 256)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark());
    }

    Bootstrap client(Duration connectTimeout) {
        ChannelFactory<Channel> channels = EPOLL ? EpollSocketChannel::new : NioSocketChannel::new;
        return new Bootstrap()
                .group(group)
                .channelFactory(channels)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        (int) Math.min(Integer.MAX_VALUE, connectTimeout.toMillis()))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark());
    }

    private static WriteBufferWaterMark waterMark() {
        return new WriteBufferWaterMark(WRITE_BUFFER_LOW_BYTES, WRITE_BUFFER_HIGH_BYTES);
    }

    private boolean onOneOfThem() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /// Ends the threads and waits for their end, unless called by one of them.
    void close(Duration patience) {
        var ended = group.shutdownGracefully(0, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!onOneOfThem()) {
            ended.awaitUninterruptibly(2 * patience.toMillis());
        }
    }
}
