package io.ridgeline.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A few shards over a network in virtual time: small, for tests that are about one rule each. The
/// simulation module has the large one.
final class Cluster {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    final List<PartitionId> partitions = new ArrayList<>();
    final TreeMap<NodeId, Node> nodes = new TreeMap<>();
    final List<EngineEvent> events = new ArrayList<>();
    final Random random;
    final Rules rules;
    final QuorumPolicy quorum;
    final Set<String> cut = new HashSet<>();
    Timings timings = Timings.DEFAULT;
    Limits limits = Limits.DEFAULT;
    double loss;
    long delayMax = MILLI;
    long now = SECOND;

    /// To nodes that run.
    long messages;

    long messageBytes;
    long timers;
    private long order;
    private long starts = 1_000;
    private final PriorityQueue<Delivery> network =
            new PriorityQueue<>(
                    Comparator.comparingLong(Delivery::at).thenComparingLong(Delivery::order));

    private record Delivery(long at, long order, NodeId from, NodeId to, ByteBuffer message) {}

    Cluster(long seed, int count, int partitionCount, QuorumPolicy quorum, Rules rules) {
        this.random = new Random(seed);
        this.quorum = quorum;
        this.rules = rules;
        for (int i = 0; i < partitionCount; i++) {
            partitions.add(new PartitionId(i));
        }
        for (int i = 0; i < count; i++) {
            NodeId id = new NodeId(String.valueOf((char) ('a' + i)));
            nodes.put(id, new Node(id, new MemoryBucket(i + 1)));
        }
        nodes.values().forEach(Node::start);
    }

    /// A node's disk, and the run that uses it.
    final class Node implements Ports {
        final NodeId id;
        final MemoryBucket bucket;
        final TreeMap<PartitionId, Published> published = new TreeMap<>();
        @Nullable Shard shard;

        Node(NodeId id, MemoryBucket bucket) {
            this.id = id;
            this.bucket = bucket;
        }

        void start() {
            TreeMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
            partitions.forEach(each -> replicas.put(each, List.copyOf(nodes.keySet())));
            shard =
                    new Shard(
                            new ShardSettings(
                                    new Run(id, starts++),
                                    0,
                                    new UUID(9, 9),
                                    replicas,
                                    quorum,
                                    limits,
                                    timings,
                                    Protocol.VERSIONS,
                                    rules),
                            bucket,
                            this,
                            new Random(random.nextLong()));
            published.clear();
            shard.start(now);
            turn();
        }

        void crash(boolean wiped) {
            shard = null;
            bucket.powerCut();
            if (wiped) {
                bucket.wipe();
            }
        }

        Shard shard() {
            Shard running = shard;
            if (running == null) {
                throw new AssertionError(id + " is down");
            }
            return running;
        }

        void turn() {
            Shard running = shard();
            running.endTurn(now);
            while (bucket.isDirty()) {
                bucket.sync();
                running.onSynced(now);
                running.endTurn(now);
            }
        }

        @Override
        public boolean send(NodeId to, Lane lane, ByteBuffer message) {
            Node receiver = nodes.get(to);
            if (receiver != null && receiver.shard != null) {
                messages++;
                messageBytes += message.remaining();
            }
            if (!cut.contains(id + ">" + to) && random.nextDouble() >= loss) {
                long at = now + 1 + random.nextLong(delayMax);
                network.add(new Delivery(at, order++, id, to, message.duplicate()));
            }
            return true;
        }

        @Override
        public void published(PartitionId partition, Published state) {
            published.put(partition, state);
        }

        @Override
        public void record(EngineEvent event) {
            events.add(event);
            if (event instanceof EngineEvent.Violation violation) {
                throw new AssertionError("node " + id, violation.cause());
            }
        }
    }

    Node node(String name) {
        Node found = nodes.get(new NodeId(name));
        if (found == null) {
            throw new AssertionError(name);
        }
        return found;
    }

    void run(long nanos) {
        long end = now + nanos;
        while (true) {
            long next = network.isEmpty() ? Long.MAX_VALUE : network.peek().at();
            for (Node node : nodes.values()) {
                if (node.shard != null) {
                    next = Math.min(next, Math.max(now, node.shard.nextTimerNanos()));
                }
            }
            if (next > end) {
                now = end;
                return;
            }
            now = next;
            while (!network.isEmpty() && network.peek().at() <= now) {
                Delivery delivery = network.remove();
                Node to = nodes.get(delivery.to());
                if (to != null && to.shard != null && !cut.contains(link(delivery))) {
                    to.shard.onMessage(delivery.from(), delivery.message().duplicate(), now);
                    to.turn();
                }
            }
            for (Node node : nodes.values()) {
                if (node.shard != null && node.shard.nextTimerNanos() <= now) {
                    timers++;
                    node.shard.onTimer(now);
                    node.turn();
                }
            }
        }
    }

    private static String link(Delivery delivery) {
        return delivery.from() + ">" + delivery.to();
    }

    void isolate(String name) {
        for (NodeId other : nodes.keySet()) {
            cut.add(name + ">" + other);
            cut.add(other + ">" + name);
        }
    }

    void heal() {
        cut.clear();
    }

    @Nullable Node coordinator(PartitionId partition) {
        Node found = null;
        long epoch = -1;
        for (Node node : nodes.values()) {
            Published state = node.published.get(partition);
            if (node.shard != null
                    && state != null
                    && state.role() == Role.COORDINATING
                    && state.epoch() > epoch) {
                found = node;
                epoch = state.epoch();
            }
        }
        return found;
    }

    Node coordinator() {
        Node found = coordinator(partitions.getFirst());
        if (found == null) {
            throw new AssertionError("no coordinator");
        }
        return found;
    }

    List<AppendResult> append(Node node, PartitionId partition, Transaction transaction) {
        List<AppendResult> answers = new ArrayList<>();
        node.shard()
                .onExecute(
                        new ExecuteTransaction(
                                partition,
                                transaction,
                                List.of(),
                                now + 2 * SECOND,
                                0,
                                List.of(),
                                answers::add),
                        now);
        node.turn();
        return answers;
    }

    List<ReadIndexResult> read(Node node, PartitionId partition) {
        List<ReadIndexResult> answers = new ArrayList<>();
        node.shard()
                .onReadIndex(
                        new ReadIndexRequest(
                                partition,
                                new ReadIndexRequest.Level.Linearizable(),
                                now + 2 * SECOND,
                                answers::add),
                        now);
        node.turn();
        return answers;
    }

    AppendResult append(Node node, NewEvent... events) {
        List<AppendResult> answers =
                append(node, partitions.getFirst(), Transaction.of("key", List.of(events)));
        for (int i = 0; i < 400 && answers.isEmpty(); i++) {
            run(10 * MILLI);
        }
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    /// All running replicas hold the same confirmed log.
    void assertEqual() {
        for (PartitionId partition : partitions) {
            List<Entry> expected = null;
            for (Node node : nodes.values()) {
                Published state = node.published.get(partition);
                if (state == null) {
                    throw new AssertionError("partition " + partition + " at " + node.id);
                }
                List<Entry> all = node.bucket.log(partition).all();
                assertThat(state.watermark().index())
                        .as("watermark of %s at %s: %s", partition, node.id, all)
                        .isEqualTo(all.size());
                if (expected == null) {
                    expected = all;
                }
                assertThat(all)
                        .usingElementComparator(Comparator.comparing(Entry::encoded))
                        .isEqualTo(expected);
            }
        }
    }
}
