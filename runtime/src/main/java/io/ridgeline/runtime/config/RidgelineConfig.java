package io.ridgeline.runtime.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// The configuration of a node. Sources in rising priority: `conf/ridgeline.properties`,
/// `RIDGELINE_…` variables, `-Dkey=value` and options of the command line.
///
/// Keys below `ridgeline.<contract>.<id>` belong to the provider of that id and are described by
/// it.
@ConfigMapping(prefix = "ridgeline")
public interface RidgelineConfig {

    /// The name of this node, unique in its cluster and kept for its life: 1 to 63 characters of
    /// `a-z`, `A-Z`, `0-9`, `.`, `_`, `-`. Recorded in the data at the first start; data of another
    /// node is refused.
    @WithDefault("n1")
    String node();

    /// The name of the cluster: 1 to 63 characters as in a node's name. Nodes of another cluster
    /// are refused. Recorded when the cluster is founded.
    @WithDefault("ridgeline")
    String cluster();

    /// How many nodes hold each partition, 1 to 7; all of them if there are fewer. Recorded when
    /// the cluster is founded: another number later is refused.
    @WithDefault("3")
    int replicas();

    /// Where clients reach this node, host:port; told to clients and other nodes. By default what
    /// the node listens on, with the name of the machine if that is every address.
    Optional<String> advertise();

    /// The folder of the node's data. Made if it does not exist.
    @WithDefault("data")
    String data();

    /// The folder in which each subfolder holds the jars of one external provider.
    @WithDefault("providers")
    String providers();

    /// The address that gRPC, HTTP and management listen on. Anybody who reaches it may read and
    /// write.
    @WithDefault("127.0.0.1")
    String host();

    /// The port of gRPC and HTTP; 0 for any free one.
    @WithDefault("8080")
    int port();

    /// The port of health and metrics; 0 for any free one.
    @WithDefault("9000")
    int managementPort();

    /// How many partitions there are, 1 to 4096. Recorded when the cluster is founded: another
    /// number later is refused.
    @WithDefault("32")
    int partitions();

    /// How many buckets share the partitions, 1 to 64; each is a thread with its own log and fsync.
    /// `auto` is 1 in a cluster, where all nodes must have the same number whatever machines they
    /// run on; for a node alone 4, or 1 below 4 processors. Recorded when the cluster is founded.
    @WithDefault("auto")
    String buckets();

    /// How long a node that is told to stop finishes what is in flight.
    @WithDefault("10s")
    Duration stopGrace();

    /// Limits of what a caller may send, and of what is kept for callers.
    Limits limits();

    /// How long things may take.
    Timings timings();

    /// What protects this node and its callers from other nodes that do not answer.
    FaultTolerance faultTolerance();

    /// Reads and subscriptions.
    Reads reads();

    /// What is logged, on standard error.
    Log log();

    /// Where events are kept.
    Storage storage();

    /// How nodes talk to each other.
    Transport transport();

    /// Who belongs to the cluster.
    Topology topology();

    /// How many replicas must agree.
    Quorum quorum();

    /// Limits; a request beyond one is refused, with the name of the limit.
    interface Limits {
        /// Data and metadata of one event together.
        @WithDefault("1M")
        MemorySize eventBytes();

        /// One transaction, encoded.
        @WithDefault("4M")
        MemorySize transactionBytes();

        /// Events of one transaction, 1 to 100000.
        @WithDefault("1000")
        int transactionEvents();

        /// A stream id, a type or a partition key, in bytes of UTF-8, 1 to 8192.
        @WithDefault("512")
        int nameBytes();

        /// Tags of one event, 0 to 1024.
        @WithDefault("64")
        int eventTags();

        /// Appends that wait for a bucket's thread, or for their confirmation, per bucket; beyond
        /// it callers are told `OVERLOADED`.
        @WithDefault("65536")
        int queuedAppends();

        /// The same in bytes.
        @WithDefault("48M")
        MemorySize queuedBytes();

        /// Appends of one `AppendStream` call that are unanswered; beyond it the server reads no
        /// further from the call until some are answered. With more, throughput falls under twice
        /// the load that a node carries.
        @WithDefault("4096")
        int callAppends();

        /// The same in bytes.
        @WithDefault("8M")
        MemorySize callBytes();

        /// Subscriptions that are open at a time.
        @WithDefault("20000")
        int subscriptions();
    }

    /// Times.
    interface Timings {
        /// How long an append may take when its caller says nothing.
        @WithDefault("5s")
        Duration writeTimeout();

        /// The longest time that a caller may ask for.
        @WithDefault("1m")
        Duration writeTimeoutMax();

        /// How long a read may wait for what it must see.
        @WithDefault("5s")
        Duration readTimeout();

        /// Between two heartbeats to another node.
        @WithDefault("100ms")
        Duration heartbeat();

        /// Silence after which a node is taken for down; at least four heartbeats. Longer bears
        /// longer pauses of machine and network, and takes over later.
        @WithDefault("1500ms")
        Duration detector();

        /// The same while there is no connection to it, since a process that ends takes its
        /// connections with it: at most the detector's time.
        @WithDefault("300ms")
        Duration lostConnection();

        /// Between the attempts of two replicas to take a partition over; longer than that usually
        /// takes.
        @WithDefault("400ms")
        Duration takeoverStep();

        /// A takeover without progress is given up after this; longer than the step.
        @WithDefault("3s")
        Duration takeover();

        /// How long the oldest replica must have been back before it gets its partitions back;
        /// doubles if they move to and fro. 0s: never.
        @WithDefault("30s")
        Duration handBack();

        /// How long writes may be held while a partition is handed over.
        @WithDefault("2s")
        Duration transfer();

        /// A coordinator whose fsync takes longer hands its partitions over.
        @WithDefault("2s")
        Duration syncLate();
    }

    /// Requests to other nodes: appends that are sent on to the coordinator of their partition, and
    /// the question how far a read must see.
    interface FaultTolerance {
        /// How long an append that is sent on may take, at most
        /// `ridgeline.timings.write-timeout-max`. Only appends whose callers grant so much count
        /// for the circuit breaker.
        @WithDefault("2s")
        Duration appendTimeout();

        /// How long another node may take to say how far a read must see, at most
        /// `ridgeline.timings.read-timeout`; then it, or whoever coordinates by then, is asked
        /// again.
        @WithDefault("1s")
        Duration boundTimeout();

        /// Appends that one other node has been sent and has not answered, 1 to 1000000; beyond it
        /// callers are told `OVERLOADED`.
        @WithDefault("4096")
        int appends();

        /// The same for questions of reads, 1 to 1000000; as many wait for their turn.
        @WithDefault("1024")
        int bounds();

        /// Before a question of a read is repeated for the first time, 1 ms to a tenth of
        /// `ridgeline.timings.read-timeout`; doubles up to four times that, half of it at random.
        @WithDefault("50ms")
        Duration retryDelay();

        /// Circuit breakers, one for each partition and other node: callers are told `CIRCUIT_OPEN`
        /// at once while it is open.
        Circuit circuit();
    }

    /// Circuit breakers.
    interface Circuit {
        /// Of how many requests in a row it is known how they ended, 1 to 10000; before so many it
        /// does not open.
        @WithDefault("10")
        int requests();

        /// It opens when this part of them was not answered, above 0 up to 1.
        @WithDefault("0.5")
        double failureRatio();

        /// How long it stays open before it lets requests through to see, at least 1 ms.
        @WithDefault("1s")
        Duration delay();

        /// So many must then be answered for it to close, 1 to 1000; one that is not opens it
        /// again.
        @WithDefault("1")
        int probes();
    }

    /// Reads.
    interface Reads {
        /// Threads that read for callers, 1 to 256; `auto` is one for each processor, at least 2.
        @WithDefault("auto")
        String threads();

        /// About how much is read from the log and sent at a time.
        @WithDefault("256K")
        MemorySize pageBytes();

        /// A subscription that makes progress without matches is sent a checkpoint this often.
        @WithDefault("5s")
        Duration checkpointInterval();
    }

    /// Logs.
    interface Log {
        /// One JSON object a line instead of text.
        @WithDefault("false")
        boolean json();

        /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
        @WithDefault("INFO")
        String level();
    }

    /// The selected storage.
    interface Storage {
        /// The id of the provider.
        @WithDefault("file")
        String type();
    }

    /// The selected transport.
    interface Transport {
        /// The id of the provider.
        @WithDefault("none")
        String type();
    }

    /// The selected topology.
    interface Topology {
        /// The id of the provider.
        @WithDefault("static")
        String type();
    }

    /// The selected quorum policy.
    interface Quorum {
        /// The id of the provider.
        @WithDefault("majority")
        String type();
    }
}
