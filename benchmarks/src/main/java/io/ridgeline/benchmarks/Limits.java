package io.ridgeline.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.SynchronousQueue;

/// What the machine allows one caller: an fdatasync of 4 KiB over blocks that are already written,
/// and a round trip over an open gRPC stream between two processes on loopback.
///
/// Prints one JSON object. Arguments: the folder whose disk is measured.
public final class Limits {
    private static final int ROUNDS = 5_000;
    private static final int BLOCK_BYTES = 4_096;
    private static final MethodDescriptor<byte[], byte[]> ECHO =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName("limits/echo")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();

    private Limits() {}

    /// Runs the measurement, or with `--echo` the other end of it.
    public static void main(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("--echo")) {
            serveEcho();
            return;
        }
        long sync = syncMicros(Path.of(args.length > 0 ? args[0] : "."));
        long roundTrip = roundTripMicros();
        System.out.printf(
                "{\"fdatasyncMicros\":%d,\"grpcRoundTripMicros\":%d,\"sumMicros\":%d}%n",
                sync, roundTrip, sync + roundTrip);
    }

    private static long syncMicros(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "limits", ".bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
            for (int i = 0; i < ROUNDS; i++) {
                channel.write(block.clear(), (long) i * BLOCK_BYTES);
            }
            channel.force(true);
            long[] nanos = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                channel.write(block.clear(), (long) i * BLOCK_BYTES);
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
            return medianMicros(nanos);
        } finally {
            Files.delete(file);
        }
    }

    private static long roundTripMicros() throws Exception {
        Process echo =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Limits.class.getName(),
                                "--echo")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(echo.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(out.readLine().trim());
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                            .usePlaintext()
                            .directExecutor()
                            .build();
            try {
                return medianMicros(pingPong(channel));
            } finally {
                channel.shutdownNow();
            }
        } finally {
            echo.destroy();
        }
    }

    private static long[] pingPong(ManagedChannel channel) throws InterruptedException {
        SynchronousQueue<byte[]> answers = new SynchronousQueue<>();
        StreamObserver<byte[]> requests =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(ECHO, CallOptions.DEFAULT), new Handover(answers));
        byte[] message = new byte[300];
        long[] nanos = new long[ROUNDS];
        // The first half warms up.
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            long start = System.nanoTime();
            requests.onNext(message);
            answers.take();
            if (i >= 0) {
                nanos[i] = System.nanoTime() - start;
            }
        }
        requests.onCompleted();
        return nanos;
    }

    private static long medianMicros(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1_000;
    }

    private static void serveEcho() throws Exception {
        ServerServiceDefinition service =
                ServerServiceDefinition.builder("limits")
                        .addMethod(ECHO, ServerCalls.asyncBidiStreamingCall(Echo::new))
                        .build();
        Server server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .directExecutor()
                        .addService(service)
                        .build()
                        .start();
        System.out.println(server.getPort());
        server.awaitTermination();
    }

    private record Echo(StreamObserver<byte[]> answers) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] message) {
            answers.onNext(message);
        }

        @Override
        public void onError(Throwable failure) {
            // The caller went away: nothing to give back.
        }

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }

    private record Handover(SynchronousQueue<byte[]> answers) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] message) {
            try {
                answers.put(message);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onError(Throwable failure) {
            // The channel is shut down under the open call when all is measured.
        }

        @Override
        public void onCompleted() {
            // The measurement has ended the call itself.
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
