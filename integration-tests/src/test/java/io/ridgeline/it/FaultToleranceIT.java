package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.restassured.RestAssured;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.it.chaos.Network;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// A node that other nodes believe in, and that does not answer.
class FaultToleranceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String STREAM = "stream";
    private static final int CIRCUIT_REQUESTS = 4;
    private static final long APPEND_TIMEOUT_MILLIS = 1_000;

    /// An append, and what became of it.
    ///
    /// @param code empty if it was acknowledged
    private record Attempt(String code, long millis) {}

    @Test
    void aCoordinatorThatHangsIsNotAskedAnyMoreUntilAnotherTakesOver() {
        try (LocalCluster cluster =
                LocalCluster.of(
                                Checkout.folder(FaultToleranceIT.class, "hang"),
                                3,
                                plan -> slowToSuspect(plan, "30s"))
                        .start()) {
            cluster.check(() -> {
                int partition = partitionOf(cluster.node(1));
                int coordinator = cluster.coordinatorOf(partition);
                Node other = cluster.node(coordinator == 1 ? 2 : 1);
                closeCircuit(other);

                cluster.pause(coordinator);
                List<Attempt> timedOut = attempts(other, "CIRCUIT_OPEN");
                assertThat(timedOut)
                        .hasSizeBetween(1, CIRCUIT_REQUESTS)
                        .allSatisfy(each -> {
                            assertThat(each.code()).isIn("TIMEOUT", "INDETERMINATE");
                            assertThat(each.millis()).isLessThan(5 * APPEND_TIMEOUT_MILLIS);
                        });
                assertRefusedAtOnce(other, coordinator, partition);

                List<Attempt> refused = attempts(other, "");
                assertThat(refused)
                        .extracting(Attempt::code)
                        .isSubsetOf("CIRCUIT_OPEN", "TIMEOUT", "INDETERMINATE", "NOT_COORDINATOR");
                assertThat(append(other).code()).isEmpty();

                cluster.resume(coordinator);
                Awaitility.await("an append through the node that hung")
                        .atMost(PATIENCE)
                        .until(() -> append(cluster.node(coordinator)).code().isEmpty());
            });
        }
    }

    @Test
    void aNodeThatDoesNotGetThroughToTheCoordinatorSaysSoAtOnceUntilItDoes() {
        try (Network network = new Network();
                LocalCluster cluster =
                        LocalCluster.of(
                                        Checkout.folder(FaultToleranceIT.class, "one-way"),
                                        3,
                                        network::link,
                                        plan -> slowToSuspect(plan, "1s"))
                                .start()) {
            cluster.check(() -> {
                int partition = partitionOf(cluster.node(1));
                int coordinator = cluster.coordinatorOf(partition);
                int mute = coordinator == 1 ? 2 : 1;
                closeCircuit(cluster.node(mute));
                // It hears the coordinator, so it goes on believing in it.
                network.cut(mute, coordinator);
                List<Attempt> failed = attempts(cluster.node(mute), "CIRCUIT_OPEN");
                assertThat(failed)
                        .isNotEmpty()
                        .allSatisfy(each ->
                                assertThat(each.millis()).isLessThan(5 * APPEND_TIMEOUT_MILLIS));
                Awaitility.await("an append at the coordinator meanwhile")
                        .atMost(PATIENCE)
                        .until(() -> append(cluster.node(coordinator)).code().isEmpty());
                assertThat(cluster.coordinatorOf(partition)).isEqualTo(coordinator);

                network.heal();
                List<Attempt> _ = attempts(cluster.node(mute), "");
            });
        }
    }

    /// The nodes go on believing in each other for longer than it takes to see what follows from
    /// it.
    private static Node.Plan slowToSuspect(Node.Plan plan, String circuitDelay) {
        return plan.with("ridgeline.timings.detector", "15s")
                .with("ridgeline.timings.lost-connection", "15s")
                .with("ridgeline.fault-tolerance.append-timeout", APPEND_TIMEOUT_MILLIS + "ms")
                .with(
                        "ridgeline.fault-tolerance.circuit.requests",
                        Integer.toString(CIRCUIT_REQUESTS))
                .with("ridgeline.fault-tolerance.circuit.delay", circuitDelay);
    }

    /// Appends until all that the circuit remembers was answered.
    private static void closeCircuit(Node node) {
        AtomicInteger inARow = new AtomicInteger();
        Awaitility.await("acknowledgements")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            boolean acknowledged = append(node).code().isEmpty();
                            return inARow.updateAndGet(before -> acknowledged ? before + 1 : 0);
                        },
                        count -> count >= CIRCUIT_REQUESTS);
    }

    /// The circuit has opened a moment ago, for longer than the test takes.
    private static void assertRefusedAtOnce(Node node, int coordinator, int partition) {
        Failure write = Failure.by(() -> node.events().append(request()));
        assertThat(write.code()).isEqualTo("CIRCUIT_OPEN");
        assertThat(write.metadata())
                .containsEntry("coordinator", "n" + coordinator)
                .containsEntry("partition", Integer.toString(partition))
                .containsKeys("coordinator_address", "retry_after_millis");
        Failure read =
                Failure.by(() ->
                        node.events()
                                .readStream(
                                        ReadStreamRequest.newBuilder()
                                                .setStream(STREAM)
                                                .setConsistency(Consistency.LINEARIZABLE)
                                                .build())
                                .hasNext());
        assertThat(read.code()).isEqualTo("CIRCUIT_OPEN");
        String metrics =
                RestAssured.given()
                        .baseUri("http://127.0.0.1")
                        .port(node.managementPort())
                        .get("/q/metrics")
                        .asString();
        assertThat(metrics.lines())
                .anyMatch(line ->
                        line.startsWith("ridgeline_remote_circuits{")
                                && line.contains("node=\"n" + coordinator + "\"")
                                && line.contains("state=\"open\"")
                                && line.endsWith(" 1.0"))
                .anyMatch(line ->
                        line.startsWith("ridgeline_remote_requests_total{")
                                && line.contains("kind=\"append\"")
                                && line.contains("outcome=\"circuit_open\"")
                                && !line.endsWith(" 0.0"));
    }

    /// Appends until that comes out; {@return all that came before}
    private static List<Attempt> attempts(Node node, String last) {
        List<Attempt> before = new ArrayList<>();
        Awaitility.await(last.isEmpty() ? "an acknowledgement" : last)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    Attempt attempt = append(node);
                    if (attempt.code().equals(last)) {
                        return true;
                    }
                    before.add(attempt);
                    return false;
                });
        return before;
    }

    private static Attempt append(Node node) {
        long begun = System.nanoTime();
        String code = "";
        try {
            int partition = node.events().append(request()).getPosition().getPartition();
            assertThat(partition).isNotNegative();
        } catch (StatusRuntimeException e) {
            code = Failure.of(e).code();
        }
        return new Attempt(code, Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }

    /// {@return where the stream is}
    private static int partitionOf(Node node) {
        closeCircuit(node);
        return node.events().append(request()).getPosition().getPartition();
    }

    private static AppendRequest request() {
        return Requests.append(Requests.event(STREAM, "Written", "{}"));
    }
}
