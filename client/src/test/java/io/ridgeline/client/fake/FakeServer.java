package io.ridgeline.client.fake;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.SubscribeRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/// A server on loopback that can be told to misbehave.
public final class FakeServer implements AutoCloseable {
    private static final Set<Integer> ALL =
            IntStream.range(0, MemoryStore.PARTITIONS)
                    .boxed()
                    .collect(Collectors.toUnmodifiableSet());

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
    final List<ReadAllRequest> readAlls = new CopyOnWriteArrayList<>();
    final List<SubscribeRequest> subscribes = new CopyOnWriteArrayList<>();
    final AtomicInteger wrongNode = new AtomicInteger();
    final AtomicInteger routings = new AtomicInteger();
    private volatile Set<Integer> partitions = ALL;
    private volatile List<FakeServer> cluster = List.of();
    private volatile int unreadable = -1;
    private volatile ErrorCode unreadableAs = ErrorCode.NOT_READY;
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;
    private final int port;
    private Server server;
    private volatile String members = "";
    private volatile int lag;

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

    /// Says of each partition that it lacks so many of its last events.
    public void lag(int events) {
        lag = events;
    }

    int lag() {
        return lag;
    }

    /// Makes servers of one store a cluster in which each node holds some partitions.
    ///
    /// @param held per server, in their order
    public static void cluster(List<FakeServer> servers, List<Set<Integer>> held) {
        for (int i = 0; i < servers.size(); i++) {
            servers.get(i).partitions = Set.copyOf(held.get(i));
            servers.get(i).cluster = List.copyOf(servers);
        }
    }

    /// Refuses calls about a partition as if it could not be read yet; -1 for none.
    public void unreadable(int partition) {
        unreadable = partition;
    }

    /// Refuses calls about a partition with that code.
    public void unreadable(int partition, ErrorCode code) {
        unreadableAs = code;
        unreadable = partition;
    }

    ErrorCode unreadableAs() {
        return unreadableAs;
    }

    int unreadable() {
        return unreadable;
    }

    /// {@return the servers of its cluster, it among them}
    List<FakeServer> cluster() {
        return cluster;
    }

    /// {@return whether it says who holds what}
    boolean knowsItsCluster() {
        return !cluster.isEmpty();
    }

    boolean holds(int partition) {
        return partitions.contains(partition);
    }

    /// {@return the partitions that a request asks for}
    Set<Integer> asked(List<Integer> named) {
        return new TreeSet<>(named.isEmpty() ? ALL : named);
    }

    /// {@return which partitions each ReadAll call asked for; none for all}
    public List<List<Integer>> readAlls() {
        return readAlls.stream().map(ReadAllRequest::getPartitionsList).toList();
    }

    /// {@return which partitions each Subscribe call to all asked for; none for all}
    public List<List<Integer>> subscribedTo() {
        return subscribes.stream().map(it -> it.getAll().getPartitionsList()).toList();
    }

    /// {@return how many requests it refused because it does not hold what they ask for}
    public int wrongNode() {
        return wrongNode.get();
    }

    /// {@return how many times GetRouting was called}
    public int routings() {
        return routings.get();
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
