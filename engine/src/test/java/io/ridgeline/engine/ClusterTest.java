package io.ridgeline.engine;

import static io.ridgeline.engine.Cluster.MILLI;
import static io.ridgeline.engine.Cluster.SECOND;
import static io.ridgeline.engine.OneNode.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.AppendResult.Appended;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several nodes together: who coordinates, what survives, what heals.
class ClusterTest {
    private static final QuorumPolicy MAJORITY = n -> new Quorum(n, n / 2 + 1, n / 2 + 1);

    private static Cluster started(int count) {
        return started(count, 2);
    }

    private static Cluster started(int count, int partitions) {
        Cluster cluster = new Cluster(1, count, partitions, MAJORITY, Rules.ALL);
        cluster.run(4 * SECOND);
        return cluster;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void blankReplicasElectTheOldest(int count) {
        Cluster cluster = started(count);

        assertThat(cluster.coordinator().id.name()).isEqualTo("a");
        cluster.assertEqual();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void aWriteReachesAllReplicas(int count) {
        Cluster cluster = started(count);

        assertThat(cluster.append(cluster.coordinator(), event(1, "s", "x")))
                .isInstanceOf(Appended.class);
        cluster.run(SECOND);
        cluster.assertEqual();
    }

    @Test
    void anyNodeForwardsToTheCoordinator() {
        Cluster cluster = started(3);

        assertThat(cluster.append(cluster.node("c"), event(1, "s", "x")))
                .isInstanceOf(Appended.class);
    }

    @Test
    void idleClustersOnlyHeartbeat() {
        Cluster cluster = started(3);
        cluster.run(10 * SECOND);
        int before = cluster.events.size();
        cluster.run(60 * SECOND);

        assertThat(cluster.events).hasSize(before);
    }

    /// One message a write and replica, and one acknowledgement: the watermark goes with the next
    /// write, and by itself only when none follows.
    @Test
    void theWatermarkTravelsWithTheNextWrite() {
        Cluster cluster = started(3);
        long before = cluster.messages;
        int writes = 100;
        writeOneByOne(cluster, cluster.partitions.subList(0, 1), writes);

        // Heartbeats come on top.
        assertThat(cluster.messages - before).isLessThan(4 * writes + 100);
        cluster.run(10 * MILLI);
        cluster.assertEqual();
    }

    /// A lone caller's writes go to one partition after the other: the watermark of each goes with
    /// the write of another.
    @Test
    void theWatermarkTravelsWithTheNextWriteOfAnyPartition() {
        Cluster cluster = started(3, 32);
        long messages = cluster.messages;
        long timers = cluster.timers;
        int writes = 320;
        writeOneByOne(cluster, cluster.partitions, writes);

        // A write and an acknowledgement for each follower; heartbeats come on top.
        assertThat(cluster.messages - messages).isLessThan(4 * writes + 200);
        assertThat(cluster.timers - timers).as("timers").isLessThan(writes);
        cluster.run(10 * MILLI);
        cluster.assertEqual();
    }

    /// Each write after the answer to the one before, to one partition after the other.
    private static void writeOneByOne(Cluster cluster, List<PartitionId> partitions, int writes) {
        for (int i = 1; i <= writes; i++) {
            List<AppendResult> answers =
                    cluster.append(
                            cluster.coordinator(),
                            partitions.get(i % partitions.size()),
                            Transaction.of("key", List.of(event(i, "s", "x"))));
            while (answers.isEmpty()) {
                cluster.run(MILLI / 10);
            }
        }
    }

    @Nested
    class ALostCoordinator {
        private final Cluster cluster = started(3);

        @Test
        void isReplacedByTheNextOldestAndNothingAcknowledgedIsLost() {
            cluster.append(cluster.node("a"), event(1, "s", "x"));
            cluster.node("a").crash(false);
            cluster.run(5 * SECOND);

            assertThat(cluster.coordinator().id.name()).isEqualTo("b");
            assertThat(
                            ((Appended) cluster.append(cluster.node("c"), event(1, "s", "x")))
                                    .duplicate())
                    .isTrue();
            cluster.node("a").start();
            cluster.run(5 * SECOND);
            cluster.assertEqual();
            assertThat(cluster.coordinator().id.name()).isEqualTo("b");
        }

        /// The fresh replica has heard what everybody claims: it need not listen for as long as one
        /// that has heard nothing before it may say that the coordinator is gone.
        @Test
        void isReplacedAsSoonIfAnotherNodeHasJustStarted() {
            cluster.node("c").crash(false);
            cluster.run(4 * SECOND);
            cluster.node("c").start();
            cluster.run(400 * MILLI);

            cluster.node("a").crash(false);
            cluster.node("b").shard().onDisconnected(cluster.node("a").id, cluster.now);
            cluster.node("c").shard().onDisconnected(cluster.node("a").id, cluster.now);
            cluster.run(700 * MILLI);

            assertThat(cluster.coordinator().id.name()).isEqualTo("b");
        }

        /// Each has promised the epoch to itself, and the third can promise nothing any more.
        @Test
        void isReplacedSoonThoughBothOthersWantTheSameEpoch() {
            cluster.node("a").crash(false);
            for (String each : List.of("b", "c")) {
                cluster.node(each).shard().onDisconnected(cluster.node("a").id, cluster.now);
            }
            cluster.run(250 * MILLI);
            for (String each : List.of("b", "c")) {
                cluster.node(each)
                        .shard()
                        .onCommand(
                                new AdminCommand.TransferCoordinator(
                                        cluster.partitions.getFirst(),
                                        cluster.node(each).id,
                                        true,
                                        _ -> {}),
                                cluster.now);
            }
            for (String each : List.of("b", "c")) {
                cluster.node(each).turn();
            }
            cluster.run(SECOND);

            assertThat(cluster.events)
                    .filteredOn(EngineEvent.TakeoverFailed.class::isInstance)
                    .isNotEmpty();
            assertThat(cluster.coordinator().id.name()).isIn("b", "c");
        }

        @Test
        void cannotConfirmWhileIsolatedAndRejoins() {
            cluster.isolate("a");
            List<AppendResult> answers =
                    cluster.append(
                            cluster.node("a"),
                            cluster.partitions.getFirst(),
                            Transaction.of("key", List.of(event(1, "s", "x"))));
            cluster.run(5 * SECOND);
            assertThat(answers)
                    .singleElement()
                    .extracting(AppendResult::certainty)
                    .isEqualTo(Certainty.UNKNOWN);
            assertThat(cluster.append(cluster.node("b"), event(2, "s", "y")))
                    .isInstanceOf(Appended.class);

            cluster.heal();
            cluster.run(5 * SECOND);
            cluster.assertEqual();
        }

        @Test
        void thatIsHeardAndCannotHearIsReplaced() {
            cluster.cut.add("b>a");
            cluster.cut.add("c>a");
            cluster.run(8 * SECOND);

            assertThat(cluster.append(cluster.node("b"), event(1, "s", "x")))
                    .isInstanceOf(Appended.class);
        }
    }

    @Nested
    class ALostDisk {
        private final Cluster cluster = started(3);

        @Test
        void isReadmittedByTheCoordinator() {
            cluster.append(cluster.node("a"), event(1, "s", "x"));
            cluster.node("c").crash(true);
            cluster.node("c").start();
            cluster.run(5 * SECOND);

            cluster.assertEqual();
            assertThat(cluster.node("c").shard().status().values())
                    .allMatch(PartitionStatus::voter);
            assertThat(cluster.events).anyMatch(EngineEvent.Readmitted.class::isInstance);
        }

        @Test
        void isReadmittedByTwoEntriesTheSecondOfWhichShowsThatTheFirstIsConfirmed() {
            cluster.append(cluster.node("a"), event(1, "s", "x"));
            cluster.node("c").crash(true);
            cluster.node("c").start();
            cluster.run(5 * SECOND);

            List<Entry> configurations =
                    cluster.node("c").bucket.log(cluster.partitions.getFirst()).all().stream()
                            .filter(entry -> entry.kind() == EntryKind.CONFIGURATION)
                            .toList();
            assertThat(configurations).hasSize(3);
            assertThat(configurations.get(1).payload()).isEqualTo(configurations.get(2).payload());
            assertThat(configurations.get(0).payload())
                    .isNotEqualTo(configurations.get(1).payload());
        }

        @Test
        void ofTheCoordinatorIsReadmittedByTheNext() {
            cluster.append(cluster.node("a"), event(1, "s", "x"));
            cluster.node("a").crash(true);
            cluster.node("a").start();
            cluster.run(10 * SECOND);

            cluster.assertEqual();
            assertThat(cluster.coordinator().id.name()).isNotEqualTo("a");
        }
    }

    @Nested
    class ACut {
        private final Cluster cluster = started(3);

        @Test
        void leavesTheSmallerSideSayingThatItHasNoQuorumWhetherItCoordinatedOrNot() {
            cluster.isolate("a");
            cluster.run(3 * SECOND);
            assertRefusesForWantOfAQuorum("a");
            cluster.heal();
            cluster.run(5 * SECOND);
            assertThat(cluster.coordinator().id.name()).isEqualTo("b");

            cluster.isolate("c");
            cluster.run(3 * SECOND);
            assertRefusesForWantOfAQuorum("c");
            assertThat(cluster.append(cluster.node("a"), event(2, "s", "y")))
                    .isInstanceOf(Appended.class);

            cluster.heal();
            cluster.run(5 * SECOND);
            assertThat(cluster.append(cluster.node("c"), event(3, "s", "z")))
                    .isInstanceOf(Appended.class);
            cluster.run(SECOND);
            cluster.assertEqual();
        }

        private void assertRefusesForWantOfAQuorum(String node) {
            PartitionId partition = cluster.partitions.getFirst();
            assertThat(
                            cluster.append(
                                    cluster.node(node),
                                    partition,
                                    Transaction.of("key", List.of(event(1, "s", "x")))))
                    .as("at once")
                    .containsExactly(new AppendResult.QuorumUnavailable(partition, 2, 1));
            assertThat(cluster.read(cluster.node(node), partition))
                    .containsExactly(new ReadIndexResult.QuorumUnavailable(partition, 2, 1));
        }

        @Test
        void isNotWhatThoseSayWhoLoseTheCoordinatorAndReachEachOther() {
            PartitionId partition = cluster.partitions.getFirst();
            cluster.isolate("a");
            List<AppendResult> answers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                answers.addAll(
                        cluster.append(
                                cluster.node("c"),
                                partition,
                                Transaction.of("key", List.of(event(i, "s", "x")))));
                cluster.run(100 * MILLI);
            }

            assertThat(answers)
                    .hasAtLeastOneElementOfType(AppendResult.NotCoordinator.class)
                    .doesNotHaveAnyElementsOfTypes(AppendResult.QuorumUnavailable.class);
        }
    }

    @Test
    void aNodeThatReachesTooFewOfTheReplicasOfOthersSaysSo() {
        PartitionId partition = new PartitionId(0);
        TreeMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
        replicas.put(partition, List.of(new NodeId("a"), new NodeId("b"), new NodeId("c")));
        Shard outsider =
                new Shard(
                        new ShardSettings(
                                new Run(new NodeId("d"), 1_000),
                                0,
                                new UUID(9, 9),
                                replicas,
                                MAJORITY,
                                Limits.DEFAULT,
                                Timings.DEFAULT,
                                Protocol.VERSIONS,
                                Rules.ALL),
                        new MemoryBucket(1),
                        new RecordingPorts(),
                        new Random(1));
        outsider.start(SECOND);
        List<AppendResult> answers = new ArrayList<>();
        outsider.onExecute(
                new ExecuteTransaction(
                        partition,
                        Transaction.of("key", List.of(event(1, "s", "x"))),
                        List.of(),
                        2 * SECOND,
                        0,
                        List.of(),
                        answers::add),
                SECOND);

        assertThat(answers).containsExactly(new AppendResult.QuorumUnavailable(partition, 2, 0));
    }

    @Test
    void aTransferMovesThePartitionAndStays() {
        Cluster cluster = started(3);
        List<CommandResult> results = new ArrayList<>();
        cluster.node("a")
                .shard()
                .onCommand(
                        new AdminCommand.TransferCoordinator(
                                cluster.partitions.getFirst(),
                                cluster.node("c").id,
                                false,
                                results::add),
                        cluster.now);
        cluster.node("a").turn();
        cluster.run(60 * SECOND);

        assertThat(results).containsExactly(new CommandResult.Done());
        assertThat(cluster.coordinator().id.name()).isEqualTo("c");
        cluster.assertEqual();
    }

    @Test
    void theOldestGetsThePartitionBackAfterTheHoldTime() {
        Cluster cluster = started(3);
        cluster.isolate("a");
        cluster.run(5 * SECOND);
        assertThat(cluster.coordinator().id.name()).isEqualTo("b");
        cluster.heal();
        cluster.run(20 * SECOND);
        assertThat(cluster.coordinator().id.name()).isEqualTo("b");
        cluster.run(40 * SECOND);

        assertThat(cluster.coordinator().id.name()).isEqualTo("a");
        cluster.assertEqual();
    }

    @Test
    void aQuorumChangeIsAnEntryThatAllFollow() {
        Cluster cluster = started(3);
        List<CommandResult> results = new ArrayList<>();
        cluster.node("a")
                .shard()
                .onCommand(
                        new AdminCommand.ChangeQuorum(
                                cluster.partitions.getFirst(), 3, 2, results::add),
                        cluster.now);
        cluster.node("a").turn();
        cluster.run(SECOND);

        assertThat(results).containsExactly(new CommandResult.Done());
        cluster.node("c").crash(false);
        cluster.run(3 * SECOND);
        assertThat(cluster.append(cluster.node("a"), event(1, "s", "x")))
                .isInstanceOf(AppendResult.QuorumUnavailable.class);
    }

    @Test
    void aReplicaThatWasAwayForLongGetsPages() {
        Cluster cluster = started(3);
        cluster.isolate("c");
        // More than a window of bytes: what fits into one is sent again as it was.
        for (int i = 0; i < 600; i++) {
            cluster.append(
                    cluster.node("a"),
                    cluster.partitions.getFirst(),
                    Transaction.of("key", List.of(event(i, "s", "x".repeat(20_000)))));
            cluster.run(5 * MILLI);
        }
        cluster.heal();
        cluster.run(20 * SECOND);

        cluster.assertEqual();
        assertThat(cluster.events).anyMatch(EngineEvent.CatchUpStarted.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void aStormOfFaultsHealsAndLosesNothing(int count) {
        for (int seed = 0; seed < Integer.getInteger("storm.seeds", 30); seed++) {
            storm(seed * 10L + count, count);
        }
    }

    private static void storm(long seed, int count) {
        Random random = new Random(seed);
        Cluster cluster = new Cluster(seed, count, 2, MAJORITY, Rules.ALL);
        cluster.loss = random.nextInt(3) * 0.05;
        cluster.delayMax = (1 + random.nextInt(50)) * MILLI;
        List<Cluster.Node> all = new ArrayList<>(cluster.nodes.values());
        List<Long> sent = new ArrayList<>();
        List<List<AppendResult>> answers = new ArrayList<>();
        long id = 0;
        for (int step = 0; step < 150; step++) {
            Cluster.Node node = all.get(random.nextInt(count));
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (node.shard != null) {
                        node.crash(false);
                    }
                }
                case 1, 2 -> {
                    if (node.shard == null) {
                        node.start();
                    }
                }
                case 3 -> cluster.isolate(node.id.name());
                case 4 -> cluster.cut.add(node.id + ">" + all.get(random.nextInt(count)).id);
                case 5 -> cluster.heal();
                case 6 -> {
                    if (node.shard != null) {
                        AdminCommand command =
                                random.nextBoolean()
                                        ? new AdminCommand.TransferCoordinator(
                                                cluster.partitions.getFirst(),
                                                all.get(random.nextInt(count)).id,
                                                random.nextInt(4) == 0,
                                                result -> {})
                                        : new AdminCommand.ChangeQuorum(
                                                cluster.partitions.getFirst(),
                                                1 + random.nextInt(count),
                                                1 + random.nextInt(count),
                                                result -> {});
                        node.shard.onCommand(command, cluster.now);
                        node.turn();
                    }
                }
                default -> {
                    if (node.shard != null) {
                        id++;
                        PartitionId partition = cluster.partitions.get((int) (id % 2));
                        sent.add(id);
                        answers.add(
                                cluster.append(
                                        node,
                                        partition,
                                        Transaction.of(
                                                "key", List.of(event(id, "s" + id % 3, "x")))));
                    }
                }
            }
            cluster.run(random.nextInt(400) * MILLI);
        }
        cluster.loss = 0;
        cluster.heal();
        for (Cluster.Node node : all) {
            if (node.shard == null) {
                node.start();
            }
        }
        cluster.run(30 * SECOND);
        try {
            cluster.assertEqual();
            for (int i = 0; i < sent.size(); i++) {
                List<AppendResult> each = answers.get(i);
                boolean there =
                        cluster.node("a")
                                .bucket
                                .log(cluster.partitions.get((int) (sent.get(i) % 2)))
                                .find("key", event(sent.get(i), "", "").id())
                                .isPresent();
                if (each.isEmpty()) {
                    continue; // its node crashed
                }
                assertThat(each).hasSize(1);
                switch (each.getFirst().certainty()) {
                    case DECIDED -> assertThat(there).as("write %s", sent.get(i)).isTrue();
                    case NOTHING_HAPPENED ->
                            assertThat(there).as("%s %s", sent.get(i), each).isFalse();
                    case UNKNOWN -> {}
                }
            }
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ", nodes " + count, e);
        }
    }
}
