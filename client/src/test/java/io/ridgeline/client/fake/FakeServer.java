package io.ridgeline.client.fake;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;

/// A server on loopback that can be told to misbehave.
public final class FakeServer implements AutoCloseable {
    final MemoryStore store;
    final List<AppendStreamRequest> messages = new CopyOnWriteArrayList<>();
    final List<AppendRequest> unary = new CopyOnWriteArrayList<>();
    final AtomicInteger subscriptions = new AtomicInteger();
    final AtomicInteger framesSent = new AtomicInteger();
    volatile Function<AppendRequest, Optional<AppendResult>> refusal = it -> Optional.empty();
    final AtomicInteger losing = new AtomicInteger();
    volatile int eventsPerMessage = 3;
    volatile int breakingAfter = Integer.MAX_VALUE;
    final String name;
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;
    private final int port;
    private Server server;
    private volatile String members = "";

    /// Starts a server on a free port.
    public FakeServer(MemoryStore store, String name) {
        this.store = store;
        this.name = name;
        this.server = start(0);
        this.port = server.getPort();
    }

    private Server start(int onPort) {
        try {
            return NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort))
                    .addService(new FakeEventStore(this))
                    .addService(new FakeAdmin(this))
                    .maxInboundMessageSize(16 * 1024 * 1024)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return where it listens}
    public String address() {
        return "127.0.0.1:" + port;
    }

    /// {@return its store}
    public MemoryStore store() {
        return store;
    }

    /// {@return the messages of all AppendStream calls}
    public List<AppendStreamRequest> messages() {
        return messages;
    }

    /// {@return the requests of Append}
    public List<AppendRequest> unary() {
        return unary;
    }

    /// {@return how many times Subscribe was called}
    public int subscriptions() {
        return subscriptions.get();
    }

    /// {@return how many messages with events reads and subscriptions were sent}
    public int framesSent() {
        return framesSent.get();
    }

    /// Refuses what the function gives an answer for, before it is decided.
    public void refuse(Function<AppendRequest, Optional<AppendResult>> function) {
        refusal = function;
    }

    /// Decides the next messages and then breaks the call instead of answering.
    public void loseAnswers(int messageCount) {
        losing.set(messageCount);
    }

    /// Breaks each read and subscription after so many messages with events.
    public void breakFeedsAfter(int messageCount) {
        breakingAfter = messageCount;
    }

    /// Puts so many events into a message of a read or subscription.
    public void eventsPerMessage(int count) {
        eventsPerMessage = count;
    }

    /// Tells clients of other members, as NAME=ADDRESS separated by commas.
    public void members(String text) {
        members = text;
    }

    String members() {
        return members;
    }

    /// Keeps answers back until [#release].
    public synchronized void hold() {
        holding = true;
    }

    /// Gives the answers that were kept back, and from then on at once.
    public void release() {
        List<Runnable> toRun;
        synchronized (this) {
            holding = false;
            toRun = List.copyOf(held);
            held.clear();
        }
        toRun.forEach(Runnable::run);
    }

    void answer(Runnable answer) {
        synchronized (this) {
            if (holding) {
                held.add(answer);
                return;
            }
        }
        answer.run();
    }

    /// Stops at once; connections break.
    public void stop() {
        server.shutdownNow();
        try {
            server.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Starts again on the same port with the same data.
    public void restart() {
        // The port is free once the connections of the earlier life are gone.
        server =
                Awaitility.await()
                        .ignoreException(UncheckedIOException.class)
                        .until(() -> start(port), it -> true);
    }

    @Override
    public void close() {
        stop();
    }
}
