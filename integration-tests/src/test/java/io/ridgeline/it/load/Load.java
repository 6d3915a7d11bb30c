package io.ridgeline.it.load;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The main class of a client process. Arguments: a seed, the file of the diary, how many writers.
///
/// Reads `connect PORT` from standard input for every life of the node, and `finish` to end. Writes
/// `acked N` as acknowledgements arrive, and `lost` once every writer has seen its connection fail.
/// Half of the writers make one call per transaction, the others keep many under way in one call.
public final class Load {
    private final int writers;
    private @Nullable ManagedChannel channel;
    private int lives;
    private int lost;
    private boolean finishing;
    private long acknowledged;

    private Load(int writers) {
        this.writers = writers;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        long seed = Long.parseLong(arguments[0]);
        int writers = Integer.parseInt(arguments[2]);
        Load load = new Load(writers);
        try (Diary diary = new Diary(Path.of(arguments[1]))) {
            List<Thread> threads = new ArrayList<>();
            for (int number = 0; number < writers; number++) {
                Plot plot = new Plot(number, seed);
                Runnable writer =
                        number % 2 == 0
                                ? new UnaryWriter(load, plot, diary)
                                : new PipelinedWriter(load, plot, diary);
                Thread thread = new Thread(writer, "writer-" + number);
                thread.setUncaughtExceptionHandler((failed, failure) -> {
                    failure.printStackTrace();
                    Runtime.getRuntime().halt(3);
                });
                threads.add(thread);
                thread.start();
            }
            load.obey();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        load.disconnect();
        System.out.println("finished");
    }

    private void obey() throws IOException {
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            if (line.equals("finish")) {
                finish();
                return;
            }
            connect(Integer.parseInt(line.substring("connect ".length())));
        }
        // Without its test there is nobody to write for.
        Runtime.getRuntime().halt(4);
    }

    private synchronized void connect(int port) {
        disconnect();
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port)
                        .usePlaintext()
                        .maxInboundMessageSize(64 << 20)
                        .build();
        lost = 0;
        lives++;
        notifyAll();
    }

    private synchronized void disconnect() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    private synchronized void finish() {
        finishing = true;
        notifyAll();
    }

    /// {@return whether writers should end once everything of theirs is acknowledged}
    synchronized boolean finishing() {
        return finishing;
    }

    /// Waits for a life of the node after the given one.
    synchronized Life lifeAfter(int number) throws InterruptedException {
        while (lives <= number) {
            wait();
        }
        if (channel == null) {
            throw new IllegalStateException("a life without a channel");
        }
        return new Life(lives, channel);
    }

    /// Notes that a writer has seen the end of the current life.
    synchronized void lost() {
        lost++;
        if (lost == writers) {
            System.out.println("lost");
        }
    }

    synchronized void acknowledged() {
        acknowledged++;
        if (acknowledged % 10 == 0) {
            System.out.println("acked " + acknowledged);
        }
    }

    /// One life of the node.
    ///
    /// @param number from 1 on
    /// @param channel to it
    record Life(int number, ManagedChannel channel) {}
}
