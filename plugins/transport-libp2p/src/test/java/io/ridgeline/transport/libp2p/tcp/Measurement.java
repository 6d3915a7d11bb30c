package io.ridgeline.transport.libp2p.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The stack against plain TCP on the same Netty, both ends in this process: CPU per byte of one
/// stream, and the round trip of 32 bytes. Not a test; run by hand on a machine with little to do:
///
/// ```
/// ./mvnw -q -pl plugins/transport-libp2p test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
/// cd plugins/transport-libp2p
/// java -cp target/test-classes:target/classes:$(cat target/classpath) io.ridgeline.transport.libp2p.tcp.Measurement
/// ```
final class Measurement {
    private static final int ROUNDS = 5;
    private static final int PING_BYTES = 32;
    private static final int PINGS = 40_000;
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final long BULK_BYTES = 1L << 30;

    private Measurement() {}

    /// Sends and hears bytes, over whatever carries them.
    interface Pipe {
        void send(ByteBuffer data);

        boolean writable();
    }

    /// One end: answers pings, or counts bulk.
    interface End {
        void onData(Pipe pipe, ByteBuffer data);

        default void onWritable(Pipe pipe) {}
    }

    public static void main(String[] args) {
        for (int round = 0; round < ROUNDS; round++) {
            try (Plain plain = new Plain();
                    Stack stack = new Stack()) {
                System.out.printf("round %d%n", round);
                report("plain TCP", plain);
                report("Noise and yamux", stack);
            }
        }
    }

    interface Carrier extends AutoCloseable {
        void connect(End client, End server);

        @Override
        void close();
    }

    private static void report(String name, Carrier carrier) {
        long[] nanos = roundTrips(carrier);
        Arrays.sort(nanos);
        double[] bulk = bulk(carrier);
        System.out.printf(
                "  %-16s p50 %5.1f us, p99 %6.1f us; %.2f GB/s, CPU %.2f ns/B (both ends)%n",
                name, nanos[PINGS / 2] / 1e3, nanos[PINGS * 99 / 100] / 1e3, bulk[0], bulk[1]);
    }

    private static long[] roundTrips(Carrier carrier) {
        long[] nanos = new long[PINGS];
        CompletableFuture<long[]> done = new CompletableFuture<>();
        End client =
                new End() {
                    private int count = -PINGS / 4;
                    private long sentAt;

                    @Override
                    public void onWritable(Pipe pipe) {
                        next(pipe);
                    }

                    private void next(Pipe pipe) {
                        sentAt = System.nanoTime();
                        pipe.send(ByteBuffer.allocate(PING_BYTES));
                    }

                    @Override
                    public void onData(Pipe pipe, ByteBuffer data) {
                        long took = System.nanoTime() - sentAt;
                        if (count >= 0) {
                            nanos[count] = took;
                        }
                        if (++count == PINGS) {
                            done.complete(nanos);
                        } else {
                            next(pipe);
                        }
                    }
                };
        End server =
                (pipe, data) -> pipe.send(ByteBuffer.allocate(data.remaining()).put(data).flip());
        carrier.connect(client, server);
        return done.join();
    }

    private static double[] bulk(Carrier carrier) {
        CompletableFuture<double[]> done = new CompletableFuture<>();
        byte[] block = new byte[BLOCK_BYTES];
        End client =
                new End() {
                    private long rest = BULK_BYTES;

                    @Override
                    public void onData(Pipe pipe, ByteBuffer data) {}

                    @Override
                    public void onWritable(Pipe pipe) {
                        while (rest > 0 && pipe.writable()) {
                            pipe.send(ByteBuffer.wrap(block));
                            rest -= BLOCK_BYTES;
                        }
                    }
                };
        long cpuBefore = cpuNanos();
        long before = System.nanoTime();
        End server =
                new End() {
                    private long count;

                    @Override
                    public void onData(Pipe pipe, ByteBuffer data) {
                        count += data.remaining();
                        if (count == BULK_BYTES) {
                            double took = System.nanoTime() - before;
                            double cpu = cpuNanos() - cpuBefore;
                            done.complete(new double[] {BULK_BYTES / took, cpu / BULK_BYTES});
                        }
                    }
                };
        carrier.connect(client, server);
        return done.join();
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    /// Netty alone.
    private static final class Plain implements Carrier {
        private final EventLoops loops = new EventLoops(2);

        @Override
        public void connect(End client, End server) {
            Channel listening =
                    loops.server()
                            .childHandler(initializer(server))
                            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                            .syncUninterruptibly()
                            .channel();
            loops.client(Duration.ofSeconds(5))
                    .handler(initializer(client))
                    .connect(listening.localAddress())
                    .syncUninterruptibly();
        }

        private static ChannelInitializer<Channel> initializer(End end) {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new PlainHandler(end));
                }
            };
        }

        @Override
        public void close() {
            loops.close(Duration.ofSeconds(1));
        }
    }

    private static final class PlainHandler extends ChannelInboundHandlerAdapter {
        private final End end;

        PlainHandler(End end) {
            this.end = end;
        }

        private static Pipe pipe(ChannelHandlerContext ctx) {
            return new Pipe() {
                @Override
                public void send(ByteBuffer data) {
                    var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(data), ctx.voidPromise());
                }

                @Override
                public boolean writable() {
                    return ctx.channel().isWritable();
                }
            };
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            end.onWritable(pipe(ctx));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            end.onWritable(pipe(ctx));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            end.onData(pipe(ctx), bytes.nioBuffer());
            bytes.release();
        }
    }

    /// The whole stack.
    private static final class Stack implements Carrier {
        private final TestHost dialling = new TestHost();
        private final TestHost serving = new TestHost();
        private int connects;

        @Override
        public void connect(End client, End server) {
            String id = "/measure/" + connects++;
            serving.host.addProtocol(new Binding(id, server));
            var _ = dialling.host.newStream(dialling.connect(serving), new Binding(id, client));
        }

        @Override
        public void close() {
            dialling.close();
            serving.close();
        }
    }

    private record Binding(String id, End end) implements ProtocolBinding<P2pStream> {
        @Override
        public List<String> announce() {
            return List.of(id);
        }

        @Override
        public CompletionStage<P2pStream> init(P2pStream stream, boolean initiator) {
            Pipe pipe =
                    new Pipe() {
                        @Override
                        public void send(ByteBuffer data) {
                            var _ = stream.write(data);
                        }

                        @Override
                        public boolean writable() {
                            return stream.writable();
                        }
                    };
            stream.reader(new Reader(stream, end, pipe));
            stream.onWritable(() -> end.onWritable(pipe));
            end.onWritable(pipe);
            return CompletableFuture.completedFuture(stream);
        }
    }

    private record Reader(P2pStream stream, End end, Pipe pipe) implements StreamReader {
        @Override
        public void onData(ByteBuffer data) {
            stream.consumed(data.remaining());
            end.onData(pipe, data);
        }

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(String reason) {}
    }
}
