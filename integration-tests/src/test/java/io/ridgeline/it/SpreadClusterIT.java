package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.PartitionReplicas;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadResponse;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Cli;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Four nodes and three replicas: no node holds everything, and everything is read and followed
/// through any of them.
class SpreadClusterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STREAMS = 200;

    private final Path folder = Checkout.folder(SpreadClusterIT.class, "cluster");
    private final Map<String, String> streamOfId = new HashMap<>();
    private int written;

    /// Imports so many events into many streams, through one node.
    private void load(Node node, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String id = UUID.randomUUID().toString();
            String stream = "s-" + written % STREAMS;
            streamOfId.put(id, stream);
            lines.append(
                    "{\"id\":\"%s\",\"stream\":\"%s\",\"type\":\"T\",\"data\":{\"n\":%d}}%n"
                            .formatted(id, stream, written++));
        }
        try {
            Path file = Files.writeString(folder.resolve("load.jsonl"), lines);
            assertThat(cli(node).json("import", file.toString()).get("events").asInt())
                    .isEqualTo(count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Cli cli(Node node) {
        return new Cli(folder, node.port());
    }

    /// Every event that was written, once, and those of a partition in their order.
    private void assertComplete(List<JsonNode> events) {
        assertThat(events)
                .extracting(event -> event.get("id").asText())
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(streamOfId.keySet());
        Map<Integer, Long> next = new HashMap<>();
        for (JsonNode event : events) {
            int partition = event.get("partition").asInt();
            assertThat(event.get("sequence").asLong())
                    .as("partition %d", partition)
                    .isEqualTo(next.merge(partition, 1L, Long::sum) - 1);
        }
    }

    @Test
    void everythingIsReadAndFoundThroughAnyNode() {
        try (LocalCluster cluster = LocalCluster.of(folder, 4).start()) {
            cluster.check(() -> {
                load(cluster.node(2), 3_000);
                for (Node node : cluster.nodes()) {
                    assertComplete(cli(node).lines("read", "--all"));
                    assertComplete(cli(node).lines("subscribe", "--all", "--until-live"));
                    int late =
                            (int)
                                    cli(node).lines("read", "--all").stream()
                                            .filter(it -> it.get("sequence").asLong() >= 70)
                                            .count();
                    assertThat(cli(node).lines("read", "--all", "--from", "70")).hasSize(late);
                    assertThat(cli(node).lines("read", "--all", "--limit", "17")).hasSize(17);
                    String some = streamOfId.keySet().iterator().next();
                    assertThat(cli(node).json("get", some).get("stream").asText())
                            .isEqualTo(streamOfId.get(some));
                    assertThat(cli(node).error(1, "get", UUID.randomUUID().toString()).get("error"))
                            .hasToString("\"NOT_FOUND\"");
                    readWithTheClient(node);
                }
                Set<Integer> filled = new TreeSet<>();
                cli(cluster.node(1))
                        .lines("read", "--all")
                        .forEach(it -> filled.add(it.get("partition").asInt()));
                theApiNamesThoseThatHoldWhatANodeDoesNot(cluster, filled);
            });
        }
    }

    private void readWithTheClient(Node node) {
        try (RidgelineClient client = RidgelineClient.connect("127.0.0.1:" + node.port())) {
            try (var events = client.read(Source.all()).linearizable().stream()) {
                assertThat(events.count()).isEqualTo(written);
            }
            for (int i = 0; i < STREAMS; i++) {
                Source stream = Source.stream("s-" + i);
                try (var events = client.read(stream).stream();
                        var fresh = client.read(stream).linearizable().stream()) {
                    assertThat(events.count()).isEqualTo(written / STREAMS);
                    assertThat(fresh.count()).isEqualTo(written / STREAMS);
                }
            }
            streamOfId.entrySet().stream()
                    .limit(200)
                    .forEach(each -> {
                        UUID id = UUID.fromString(each.getKey());
                        assertThat(client.get(id)).map(it -> it.stream()).contains(each.getValue());
                        assertThat(client.get(id, each.getValue())).isPresent();
                    });
        }
    }

    /// @param filled the partitions with events
    private static void theApiNamesThoseThatHoldWhatANodeDoesNot(
            LocalCluster cluster, Set<Integer> filled) {
        for (int number : cluster.numbers()) {
            Node node = cluster.node(number);
            GetRoutingResponse routing =
                    node.events().getRouting(GetRoutingRequest.getDefaultInstance());
            assertThat(routing.getReplicasList())
                    .hasSize(32)
                    .allSatisfy(each -> assertThat(each.getNodesList()).hasSize(3));
            assertThat(routing.getNodesList())
                    .hasSize(4)
                    .allSatisfy(each -> assertThat(each.getAddress()).isNotEmpty());
            List<Integer> here = new ArrayList<>();
            List<Integer> elsewhere = new ArrayList<>();
            for (PartitionReplicas each : routing.getReplicasList()) {
                (each.getNodesList().contains("n" + number) ? here : elsewhere)
                        .add(each.getPartition());
            }
            assertThat(here).hasSize(24);
            assertThat(partitionsIn(node, here))
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(
                            here.stream().filter(filled::contains).toList());
            StatusRuntimeException refusal =
                    catchThrowableOfType(
                            StatusRuntimeException.class, () -> partitionsIn(node, List.of()));
            assertThat(Failure.of(refusal).code()).isEqualTo("NOT_REPLICA");
            assertThat(Failure.of(refusal).metadata())
                    .containsEntry("partition", elsewhere.getFirst().toString())
                    .containsEntry(
                            "replicas",
                            String.join(
                                    ",", routing.getReplicas(elsewhere.getFirst()).getNodesList()))
                    .hasEntrySatisfying(
                            "replica_addresses", it -> assertThat(it.split(",", -1)).hasSize(3));
        }
    }

    /// {@return the partitions that events came from}
    private static List<Integer> partitionsIn(Node node, List<Integer> asked) {
        Iterator<ReadResponse> answers =
                node.events().readAll(ReadAllRequest.newBuilder().addAllPartitions(asked).build());
        List<Integer> partitions = new ArrayList<>();
        answers.forEachRemaining(answer ->
                answer.getEventsList().stream()
                        .map(it -> it.getPartition())
                        .filter(it -> !partitions.contains(it))
                        .forEach(partitions::add));
        return partitions;
    }

    @Test
    void aSubscriptionToEverythingOutlivesTheNodesThatItReadsFrom() {
        try (LocalCluster cluster = LocalCluster.of(folder, 4).start()) {
            cluster.check(() -> {
                load(cluster.node(1), 2_000);
                try (Command.Running live =
                        cli(cluster.node(1)).command("subscribe", "--all", "--json").start()) {
                    awaitLines(live);
                    // All of them, the one that the command was given among them.
                    for (int number : cluster.numbers()) {
                        Awaitility.await("n" + number + " is read from")
                                .atMost(PATIENCE)
                                .until(() -> subscriptions(cluster.node(number)) > 0);
                        cluster.kill(number);
                        load(cluster.node(number % 4 + 1), 500);
                        awaitLines(live);
                        cluster.restart(number);
                    }
                    // The last one, too, though its partitions went to others.
                    for (Node node : cluster.nodes()) {
                        Awaitility.await("the node on port " + node.port() + " is read from again")
                                .atMost(PATIENCE)
                                .until(() -> subscriptions(node) > 0);
                    }
                    load(cluster.node(1), 500);
                    awaitLines(live);
                    assertComplete(live.out().lines().map(Outcome::parse).toList());
                    assertThat(live.process().isAlive()).isTrue();
                }
            });
        }
    }

    private void awaitLines(Command.Running live) {
        Awaitility.await("all events")
                .atMost(PATIENCE)
                .until(() -> live.out().lines().count() >= written);
    }

    private static double subscriptions(Node node) {
        return node.metric("ridgeline_subscriptions");
    }
}
