package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.it.events.History;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Three nodes that know of each other only what gossip tells them, as processes of their own.
class GossipIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ALLOW = "ridgeline.topology.gossip.allow";
    private static final String KEY = "ridgeline.topology.gossip.cluster-key-file";

    private static LocalCluster three(String name) {
        return LocalCluster.gossiping(Checkout.folder(GossipIT.class, name), 3);
    }

    @Test
    void nodesThatKnowOneSeedFoundAClusterAndRestartWithoutIt() {
        try (LocalCluster cluster = three("seed")) {
            String allowed = cluster.identities();
            cluster.numbers().forEach(each -> cluster.plan(each).with(ALLOW, allowed));
            cluster.start();
            cluster.check(() -> {
                for (int number : cluster.numbers()) {
                    GetStatusResponse status = cluster.status(number);
                    assertThat(status.getCluster()).isEqualTo(cluster.status(1).getCluster());
                    assertThat(status.getPartitionsList())
                            .hasSize(32)
                            .allSatisfy(each ->
                                    assertThat(each.getReplicasList())
                                            .containsExactly("n1", "n2", "n3"));
                }
                write(cluster, 1, "before");

                assertThat(cluster.terminate(2).exit()).isZero();
                awaitState(cluster, 1, "n2", "down");
                Node again = withoutSeeds(cluster, 2);
                awaitState(cluster, 1, "n2", "alive");
                try (RidgelineClient client =
                        RidgelineClient.connect("127.0.0.1:" + again.port())) {
                    client.append("after").event("Written", "{}").send();
                }
                awaitEvents(cluster, 2);
            });
        }
    }

    @Test
    void aNodeThatLostItsDataComesBackAsTheFounderThatItWas() {
        try (LocalCluster cluster = three("wiped")) {
            String allowed = cluster.identities();
            cluster.numbers().forEach(each -> cluster.plan(each).with(ALLOW, allowed));
            cluster.start();
            cluster.check(() -> {
                write(cluster, 1, "kept-by-others");
                awaitEvents(cluster, 1);
                cluster.kill(3);
                cluster.wipe(3);
                cluster.restart(3);
                assertThat(cluster.status(3).getCluster())
                        .isEqualTo(cluster.status(1).getCluster());
                awaitEvents(cluster, 1);
                awaitState(cluster, 1, "n3", "alive");
            });
        }
    }

    @Test
    void aNodeThatComesLaterIsReachedByAllAndForwardsWrites() {
        Path folder = Checkout.folder(GossipIT.class, "later");
        try (LocalCluster cluster = LocalCluster.gossiping(folder, 3)) {
            Path key = key(folder.resolve("cluster.key"), 1);
            cluster.numbers().forEach(each -> cluster.plan(each).with(KEY, key.toString()));
            cluster.start();
            int fourth = cluster.addLater(3);
            cluster.plan(fourth).with(KEY, key.toString());
            cluster.check(() -> {
                cluster.restart(fourth);
                assertThat(cluster.status(fourth).getCluster())
                        .isEqualTo(cluster.status(1).getCluster());
                for (int number = 1; number <= 3; number++) {
                    awaitState(cluster, number, "n4", "alive");
                }
                write(cluster, fourth, "through-the-fourth");
                for (int number = 1; number <= 3; number++) {
                    int seenBy = number;
                    Awaitility.await("where clients reach the fourth")
                            .atMost(PATIENCE)
                            .until(() ->
                                    member(cluster, seenBy, "n4")
                                            .getClientAddress()
                                            .equals("127.0.0.1:" + cluster.node(fourth).port()));
                }
            });
        }
    }

    @Test
    void whoIsNotListedOrHasAnotherKeyIsIgnoredAndTheClusterGoesOn() {
        Path folder = Checkout.folder(GossipIT.class, "impostors");
        try (LocalCluster cluster = LocalCluster.gossiping(folder, 3)) {
            Path key = key(folder.resolve("cluster.key"), 1);
            Path otherKey = key(folder.resolve("other.key"), 2);
            String allowed = cluster.identities();
            cluster.numbers()
                    .forEach(each ->
                            cluster.plan(each).with(ALLOW, allowed).with(KEY, key.toString()));
            cluster.start();
            int unlisted = cluster.addLater(1);
            int keyless = cluster.addLater(1);
            cluster.plan(unlisted).with(KEY, key.toString());
            cluster.plan(keyless).with(KEY, otherKey.toString());
            cluster.check(() -> {
                List<Command.Running> impostors = new ArrayList<>();
                impostors.add(cluster.launch(unlisted));
                impostors.add(cluster.launch(keyless));
                awaitLog(cluster.node(1), "n4=", "is not in " + ALLOW);
                awaitLog(cluster.node(1), "another cluster key");
                for (Command.Running each : impostors) {
                    Awaitility.await("an impostor that waits")
                            .atMost(PATIENCE)
                            .until(() -> each.err().contains("not in a cluster yet"));
                }
                for (int number = 1; number <= 3; number++) {
                    assertThat(cluster.status(number).getMembersList())
                            .extracting(MemberStatus::getNode)
                            .containsExactly("n1", "n2", "n3");
                }
                write(cluster, 2, "undisturbed");
                for (Command.Running each : impostors) {
                    each.terminate();
                    assertThat(each.await(Duration.ofSeconds(30)).exit())
                            .as("told to stop while it waits: %s", each.err())
                            .isZero();
                }
            });
        }
    }

    @Test
    void aNodeThatAnybodyCouldJoinDoesNotStart() {
        try (LocalCluster cluster = three("open")) {
            Outcome refused = cluster.plan(1).startInVain();
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains(ALLOW, KEY);
        }
    }

    private static Path key(Path file, long seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, Base64.getEncoder().encodeToString(bytes));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return file.toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Node withoutSeeds(LocalCluster cluster, int number) {
        cluster.replan(number, cluster.plan(number).without(LocalCluster.SEEDS));
        return cluster.restart(number);
    }

    private static void write(LocalCluster cluster, int number, String stream) {
        try (RidgelineClient client =
                RidgelineClient.connect("127.0.0.1:" + cluster.node(number).port())) {
            client.append(stream).event("Written", "{}").send();
        }
    }

    private static void awaitEvents(LocalCluster cluster, int count) {
        Awaitility.await(count + " events on all nodes")
                .atMost(PATIENCE)
                .until(() ->
                        cluster.nodes().stream()
                                .allMatch(node -> History.local(node.events()).size() == count));
    }

    private static void awaitState(LocalCluster cluster, int seenBy, String name, String state) {
        Awaitility.await(name + " " + state + " for n" + seenBy)
                .atMost(PATIENCE)
                .until(() -> member(cluster, seenBy, name).getState().equals(state));
    }

    private static MemberStatus member(LocalCluster cluster, int seenBy, String name) {
        return cluster.status(seenBy).getMembersList().stream()
                .filter(each -> each.getNode().equals(name))
                .findFirst()
                .orElse(MemberStatus.getDefaultInstance());
    }

    private static void awaitLog(Node node, String... parts) {
        Awaitility.await(String.join(" ", parts))
                .atMost(PATIENCE)
                .until(() ->
                        node.log()
                                .lines()
                                .anyMatch(
                                        line -> List.of(parts).stream().allMatch(line::contains)));
    }
}
