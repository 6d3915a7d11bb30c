package io.ridgeline.client;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.GetStatusResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/// A client of a Ridgeline cluster: thread-safe, meant to be shared and to live long.
///
/// ```java
/// try (RidgelineClient client = RidgelineClient.connect("localhost:8080")) {
///     client.append("orders-42").expect(Expect.noStream()).event("OrderPlaced", json).send();
///     try (var events = client.read(Source.stream("orders-42")).stream()) {
///         events.forEach(it -> System.out.println(it.type() + " " + it.dataText()));
///     }
///     client.subscribe(Source.all()).start(event -> project(event));
/// }
/// ```
///
/// The appends of all threads share one call per node and travel together. What fails in a way that
/// is safe to repeat is repeated with the same event ids, at the same or another server, until the
/// time allowed is over; so an append takes effect once or fails with a [RidgelineException] whose
/// [RidgelineException#outcome] says what is known.
///
/// Nothing here grows without bound: see [Builder#inFlightBytesMax]. One thread of the client's own
/// does all network work.
public final class RidgelineClient implements AutoCloseable {
    /// What a subscription or read may have waiting in the connection.
    private static final int FLOW_CONTROL_BYTES = 4 * 1024 * 1024;

    /// A message holds at least one event, which may be as large as the server's limits allow.
    private static final int MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

    /// A link that drops everything shows in nothing but unanswered pings; more often than this,
    /// gRPC does not allow.
    private static final int KEEP_ALIVE_SECONDS = 10;

    private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

    /// Whether this machine has the transport that needs fewer system calls.
    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoopGroup group;
    private final ClientOptions options;
    private final Nodes nodes;
    private final UnaryCalls unaryCalls;
    private final ReplicaFinder finder;
    private final Feeds feeds;
    private final EventLookup lookup;
    private final AppendDispatcher dispatcher;
    private final AppendIntake appends;

    private RidgelineClient(List<String> servers, ClientOptions options) {
        this.options = options;
        ThreadFactory threads = new DefaultThreadFactory("ridgeline-client", true);
        this.group =
                EPOLL ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
        EventLoop loop = group.next();
        this.nodes = new Nodes(servers, this::connectNode);
        this.unaryCalls = new UnaryCalls(loop, nodes, options);
        this.finder = new ReplicaFinder(nodes, unaryCalls);
        this.feeds = new Feeds(nodes, options, finder);
        this.lookup = new EventLookup(loop, unaryCalls, finder, options);
        Budget budget = new Budget(options.inFlightBytesMax(), options.inFlightCountMax());
        this.dispatcher = new AppendDispatcher(loop, nodes, unaryCalls, options, budget);
        this.appends = new AppendIntake(loop, dispatcher, options, budget);
    }

    private Node connectNode(String address) {
        return new Node(
                address,
                NettyChannelBuilder.forTarget("dns:///" + ServerAddress.check(address))
                        .eventLoopGroup(group)
                        .channelType(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class)
                        .directExecutor()
                        .usePlaintext()
                        .disableServiceConfigLookUp()
                        .disableRetry()
                        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .flowControlWindow(FLOW_CONTROL_BYTES)
                        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                        .userAgent(options.userAgent())
                        .build());
    }

    /// Makes a client with the usual settings. Does not wait for a connection.
    ///
    /// @param servers `HOST:PORT`, several separated by commas; one that answers is enough, the
    ///   others are learnt from it
    public static RidgelineClient connect(String servers) {
        return builder().servers(servers).build();
    }

    /// {@return what a client can be built with}
    public static Builder builder() {
        return new Builder();
    }

    /// Begins a transaction.
    ///
    /// @param stream the stream of its first events: 1 to 512 bytes of UTF-8 without control
    ///   characters
    public Append append(String stream) {
        return new Append(this, stream);
    }

    /// {@return an appender for much at once, with up to 1,024 transactions under way}
    public Appender appender() {
        return appender(1_024, Appender.Recovery.NONE);
    }

    /// {@return an appender for much at once}
    ///
    /// @param inFlightMax how many transactions may be added and not done
    /// @param recovery decides what becomes of those that fail
    public Appender appender(int inFlightMax, Appender.Recovery recovery) {
        return new Appender(appends, options, inFlightMax, recovery);
    }

    /// Begins a read.
    ///
    /// @param source what to read
    public Read read(Source source) {
        return new Read(feeds, source);
    }

    /// Begins a subscription: the events that are there, and then those to come.
    ///
    /// @param source what to follow
    public SubscriptionBuilder subscribe(Source source) {
        return new SubscriptionBuilder(feeds, source);
    }

    /// Finds an event in all partitions.
    ///
    /// @param id its id
    public Optional<RecordedEvent> get(UUID id) {
        return await(getAsync(id, ""));
    }

    /// Finds an event of a partition key, which is cheaper than asking all partitions.
    ///
    /// @param id its id
    /// @param partitionKey what it was written with; the stream unless the writer chose otherwise
    public Optional<RecordedEvent> get(UUID id, String partitionKey) {
        return await(getAsync(id, partitionKey));
    }

    /// Finds an event without waiting.
    ///
    /// @param id its id
    /// @param partitionKey what it was written with; empty: all partitions are asked
    /// @return completes on the client's own thread; fails with a [RidgelineException]
    public CompletableFuture<Optional<RecordedEvent>> getAsync(UUID id, String partitionKey) {
        return lookup.find(id, partitionKey);
    }

    /// {@return the numbers of all partitions, whichever nodes hold them}
    public SortedSet<Integer> partitions() {
        return await(finder.learn().thenApply(learnt -> nodes.partitions()));
    }

    /// {@return what a node knows of itself and its cluster; of whichever server answers first}
    public NodeStatus status() {
        GetStatusResponse status =
                await(
                        unaryCalls.call(
                                AdminGrpc.getGetStatusMethod(),
                                GetStatusRequest.getDefaultInstance(),
                                Candidates.any(nodes, false)));
        nodes.learn(status);
        return NodeStatus.of(status);
    }

    private static <T> T await(CompletableFuture<T> result) {
        return Failure.await(
                result, ErrorCode.CANCELLED, Outcome.NOTHING_HAPPENED, "interrupted while waiting");
    }

    AppendIntake appends() {
        return appends;
    }

    /// Ends everything: appends under way fail with [ErrorCode#CANCELLED], reads and subscriptions
    /// end. Returns when the client's thread has ended.
    @Override
    public void close() {
        dispatcher.close();
        nodes.close();
        finder.close();
        for (Node node : nodes.all()) {
            try {
                node.channel.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2_000);
    }

    /// What a client can be built with.
    public static final class Builder {
        private final List<String> servers = new ArrayList<>();
        private Duration timeout = Duration.ofSeconds(10);
        private Duration readTimeout = Duration.ofSeconds(30);
        private boolean failFast;
        private long inFlightBytesMax = 64L * 1024 * 1024;
        private int inFlightCountMax = 65_536;
        private Duration rebalancing = Duration.ofSeconds(5);
        private String userAgent = "ridgeline-java";

        private Builder() {}

        /// Adds servers.
        ///
        /// @param list `HOST:PORT`, several separated by commas
        public Builder servers(String list) {
            for (String server : list.split(",", -1)) {
                servers.add(ServerAddress.check(server.trim()));
            }
            return this;
        }

        /// Sets how long an append or a short call may take, retries included. Usually 10 s.
        ///
        /// @param limit above zero
        public Builder timeout(Duration limit) {
            timeout = limit;
            return this;
        }

        /// Sets how long a read may go without an answer. Usually 30 s.
        ///
        /// @param limit above zero
        public Builder readTimeout(Duration limit) {
            readTimeout = limit;
            return this;
        }

        /// Makes calls fail at once when no server accepts a connection, rather than when their
        /// time is over. For tools; a service rides out a restart.
        public Builder failFast() {
            failFast = true;
            return this;
        }

        /// Sets how much may be queued and unanswered, in bytes. Usually 64 MiB. Beyond it
        /// [Append#send] and [Appender#add] wait, and [Append#sendAsync] fails.
        ///
        /// @param bytes above zero
        public Builder inFlightBytesMax(long bytes) {
            inFlightBytesMax = bytes;
            return this;
        }

        /// Sets how many appends may be queued and unanswered. Usually 65,536.
        ///
        /// @param count above zero
        public Builder inFlightCountMax(int count) {
            inFlightCountMax = count;
            return this;
        }

        /// Sets how often a subscription to everything looks, while a node that it read from was
        /// lost, whether it is back; up to as much at random comes on top.
        Builder rebalancing(Duration pause) {
            rebalancing = pause;
            return this;
        }

        /// Names the program to the server, for its logs.
        ///
        /// @param name of the program
        public Builder userAgent(String name) {
            userAgent = name;
            return this;
        }

        /// {@return the client; it does not wait for a connection}
        ///
        /// @throws IllegalArgumentException without servers
        public RidgelineClient build() {
            return new RidgelineClient(
                    servers,
                    new ClientOptions(
                            timeout,
                            readTimeout,
                            failFast,
                            inFlightBytesMax,
                            inFlightCountMax,
                            rebalancing,
                            userAgent));
        }
    }
}
