package io.ridgeline.engine;

import static io.ridgeline.engine.Cluster.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import org.junit.jupiter.api.Test;

/// What grows with the number of partitions, and what must not. Counts, in virtual time.
class ManyPartitionsTest {
    private static final QuorumPolicy MAJORITY = n -> new Quorum(n, n / 2 + 1, n / 2 + 1);

    private static Cluster started(int partitions) {
        Cluster cluster = new Cluster(1, 3, partitions, MAJORITY, Rules.ALL);
        awaitCoordinators(cluster, "a");
        // What is told of the new coordinators, and of who is level, is told once.
        cluster.run(10 * SECOND);
        return cluster;
    }

    private static void awaitCoordinators(Cluster cluster, String name) {
        for (int i = 0; i < 60; i++) {
            cluster.run(SECOND);
            if (cluster.partitions.stream()
                    .allMatch(each -> cluster.coordinator(each) == cluster.node(name))) {
                return;
            }
        }
        throw new AssertionError(name + " does not coordinate every partition");
    }

    @Test
    void tenThousandIdlePartitionsCostWhatOneCosts() {
        Cost one = idle(started(1));
        Cost many = idle(started(10_000));

        assertThat(one.messages()).as("heartbeats").isPositive();
        assertThat(many.messages()).isLessThanOrEqualTo(one.messages() * 11 / 10);
        assertThat(many.bytes()).isLessThanOrEqualTo(one.bytes() * 11 / 10);
        assertThat(many.timers()).isLessThanOrEqualTo(one.timers() * 11 / 10);
    }

    private record Cost(long messages, long bytes, long timers) {}

    private static Cost idle(Cluster cluster) {
        long messages = cluster.messages;
        long bytes = cluster.messageBytes;
        long timers = cluster.timers;
        cluster.run(20 * SECOND);
        return new Cost(
                cluster.messages - messages, cluster.messageBytes - bytes, cluster.timers - timers);
    }

    @Test
    void aTakeoverOfThreeThousandPartitionsSharesItsSyncsAndMessages() {
        Cluster cluster = started(3_000);
        cluster.node("a").crash(false);
        int syncs = cluster.node("b").bucket.syncs() + cluster.node("c").bucket.syncs();
        long messages = cluster.messages;

        awaitCoordinators(cluster, "b");

        syncs = cluster.node("b").bucket.syncs() + cluster.node("c").bucket.syncs() - syncs;
        messages = cluster.messages - messages;
        assertThat(syncs).as("syncs of both that are left").isLessThan(30);
        assertThat(messages).as("messages of both, heartbeats among them").isLessThan(300);
    }
}
