package io.ridgeline.topology.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ridgeline.spi.Meter;
import io.ridgeline.spi.Metered;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.tck.Ports;
import io.ridgeline.spi.tck.TopologyContract;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The whole topology, over sockets on loopback.
class GossipTopologyTest extends TopologyContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ProtocolVersions VERSIONS = new ProtocolVersions(2, 3);

    @TempDir Path folder;

    private final GossipTopologyProvider provider = new GossipTopologyProvider();
    private final Map<String, TestCredentials> credentials = new ConcurrentHashMap<>();
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final List<Topology> open = new CopyOnWriteArrayList<>();

    @Override
    protected Topology topology(NodeId self) {
        return start(self.name(), Map.of("founders", "1"));
    }

    @AfterEach
    void closeAll() {
        open.forEach(Topology::close);
    }

    private int port(String name) {
        return ports.computeIfAbsent(name, _ -> Ports.udp());
    }

    private TestCredentials credentials(String name) {
        return credentials.computeIfAbsent(
                name,
                _ ->
                        new TestCredentials(
                                "somewhere:400"
                                        + Math.max(
                                                1,
                                                Character.digit(
                                                        name.charAt(name.length() - 1), 10))));
    }

    private String key() {
        Path file = folder.resolve("cluster.key");
        if (!Files.exists(file)) {
            write(file, Base64.getEncoder().encodeToString(new byte[32]), "rw-------");
        }
        return file.toString();
    }

    private static void write(Path file, String text, String permissions) {
        try {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Topology start(String name, Map<String, String> given) {
        Map<String, String> all = new HashMap<>();
        all.put("listen", "127.0.0.1:" + port(name));
        all.put("cluster-key-file", key());
        all.put("interval", "50ms");
        all.put("suspect-after", "1s");
        all.putAll(given);
        Path data = folder.resolve(name);
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Topology topology =
                provider.create(
                        new ProviderContext(
                                new NodeId(name),
                                data,
                                new ProviderConfig(
                                        "ridgeline.topology.gossip", provider.keys(), all)),
                        "ridgeline",
                        VERSIONS,
                        Optional.of(credentials(name)));
        open.add(topology);
        return topology;
    }

    private Map<String, String> founding(int count) {
        return Map.of("founders", Integer.toString(count), "seeds", "localhost:" + port("n1"));
    }

    private List<Topology> startAll(int count) {
        return startAll(count, founding(count));
    }

    private List<Topology> startAll(int count, Map<String, String> options) {
        List<CompletableFuture<Topology>> starting = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String name = "n" + i;
            port(name);
            key();
            credentials(name);
        }
        for (int i = 1; i <= count; i++) {
            String name = "n" + i;
            CompletableFuture<Topology> started = new CompletableFuture<>();
            starting.add(started);
            Thread.ofPlatform()
                    .start(() -> {
                        try {
                            started.complete(start(name, options));
                        } catch (RuntimeException e) {
                            started.completeExceptionally(e);
                        }
                    });
        }
        return starting.stream().map(each -> each.orTimeout(30, TimeUnit.SECONDS).join()).toList();
    }

    private static List<String> names(List<Member> members) {
        return members.stream().map(each -> each.node().name()).toList();
    }

    private static void awaitHealth(Topology seenBy, String name, Health health) {
        await(name + " " + health)
                .atMost(PATIENCE)
                .until(() ->
                        seenBy.view()
                                .member(new NodeId(name))
                                .filter(member -> member.health() == health)
                                .isPresent());
    }

    @Nested
    class Nodes {

        @Test
        void thatKnowOneSeedFindEachOtherFallSilentAndComeBackWithoutSeeds() {
            List<Topology> nodes = startAll(3);
            assertThat(nodes)
                    .allSatisfy(each ->
                            assertThat(names(each.view().founders()))
                                    .containsExactly("n1", "n2", "n3"));
            assertThat(nodes.getFirst().view().member(new NodeId("n2")).orElseThrow())
                    .satisfies(member -> {
                        assertThat(member.address()).isEqualTo("somewhere:4002");
                        assertThat(member.identity()).isEqualTo(credentials("n2").identity());
                        assertThat(member.versions()).isEqualTo(VERSIONS);
                    });
            List<ClusterView> heard = new CopyOnWriteArrayList<>();
            nodes.getFirst().onChange(heard::add);

            nodes.get(1).close();
            awaitHealth(nodes.getFirst(), "n2", Health.SUSPECT);
            assertThat(names(nodes.getFirst().view().members()))
                    .as("stays a member")
                    .containsExactly("n1", "n2", "n3");
            Topology again = start("n2", Map.of());
            awaitHealth(nodes.getFirst(), "n2", Health.ALIVE);
            awaitHealth(again, "n3", Health.ALIVE);
            await("the last one told")
                    .atMost(PATIENCE)
                    .until(() -> heard.getLast().equals(nodes.getFirst().view()));
        }

        @Test
        void findEachOtherOnTheLocalNetworkWithoutSeeds() {
            assumeTrue(
                    MdnsTest.loopbackCarriesMulticast(),
                    "loopback carries no multicast on this machine");
            assertThat(startAll(2, Map.of("founders", "2", "mdns", "true")))
                    .allSatisfy(each ->
                            assertThat(names(each.view().founders())).containsExactly("n1", "n2"));
        }

        @Test
        void thatJoinAreToldToListeners() {
            List<Topology> nodes = startAll(2);
            List<ClusterView> heard = new CopyOnWriteArrayList<>();
            nodes.get(1).onChange(heard::add);
            Topology late = start("n3", Map.of("seeds", "127.0.0.1:" + port("n1")));
            assertThat(names(late.view().founders())).containsExactly("n1", "n2");
            await("the new member")
                    .atMost(PATIENCE)
                    .until(() ->
                            heard.stream()
                                    .anyMatch(view ->
                                            names(view.members())
                                                    .equals(List.of("n1", "n2", "n3"))));
        }

        @Test
        void thatAreFloodedWithGarbageGoOn() throws IOException {
            List<Topology> nodes = startAll(2);
            SplittableRandom random = new SplittableRandom(3);
            try (DatagramSocket socket = new DatagramSocket()) {
                for (int i = 0; i < 20_000; i++) {
                    byte[] bytes = new byte[random.nextInt(2_000)];
                    random.nextBytes(bytes);
                    socket.send(
                            new DatagramPacket(
                                    bytes,
                                    bytes.length,
                                    InetAddress.getLoopbackAddress(),
                                    port("n1")));
                }
            }
            awaitHealth(nodes.getFirst(), "n2", Health.ALIVE);
            awaitHealth(nodes.get(1), "n1", Health.ALIVE);
            nodes.get(1).close();
            awaitHealth(nodes.getFirst(), "n2", Health.SUSPECT);
        }

        @Test
        void countWhatTheyDropByItsCause() throws IOException {
            Topology one = startAll(2).getFirst();
            Map<String, Double> before = dropped(one);
            assertThat(before.keySet())
                    .containsExactlyInAnyOrder(
                            Stream.of(Dropped.Cause.values())
                                    .map(Dropped.Cause::name)
                                    .toArray(String[]::new));
            List<byte[]> strange =
                    List.of(
                            new byte[DatagramCodec.BYTES_MAX + 1],
                            new byte[] {1, 2, 3, 4},
                            new byte[] {0x52, 0x47, 9, 0},
                            new DatagramCodec("ridgeline", null).encode(List.of(), true).getFirst(),
                            new DatagramCodec("another", new ClusterKey(new byte[32]))
                                    .encode(List.of(), true)
                                    .getFirst());
            try (DatagramSocket socket = new DatagramSocket()) {
                for (byte[] each : strange) {
                    socket.send(
                            new DatagramPacket(
                                    each,
                                    each.length,
                                    InetAddress.getLoopbackAddress(),
                                    port("n1")));
                }
            }
            for (String cause : List.of("OVERSIZED", "MALFORMED", "VERSION", "KEY", "CLUSTER")) {
                await(cause)
                        .atMost(PATIENCE)
                        .until(() -> dropped(one, cause) == before.getOrDefault(cause, 0.0) + 1);
            }
            assertThat(meters(one))
                    .filteredOn(meter -> meter.name().equals("received.datagrams"))
                    .singleElement()
                    .satisfies(meter -> assertThat(meter.value()).isGreaterThan(strange.size()));
        }

        private static double dropped(Topology topology, String cause) {
            return dropped(topology).getOrDefault(cause, 0.0);
        }

        private static List<Meter> meters(Topology topology) {
            return ((Metered) topology).meters();
        }

        private static Map<String, Double> dropped(Topology topology) {
            return meters(topology).stream()
                    .filter(meter -> meter.name().equals("dropped"))
                    .collect(Collectors.toMap(meter -> meter.tags().get("cause"), Meter::value));
        }
    }

    @Nested
    class AStart {

        @Test
        void thatWaitsForOthersEndsWhenItIsInterrupted() throws InterruptedException {
            CompletableFuture<RuntimeException> ended = new CompletableFuture<>();
            Thread thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    start("n1", Map.of("founders", "3"));
                                } catch (RuntimeException e) {
                                    ended.complete(e);
                                }
                            });
            await("a thread that waits")
                    .atMost(PATIENCE)
                    .until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            thread.interrupt();
            assertThat(ended.orTimeout(10, TimeUnit.SECONDS).join())
                    .hasMessageContaining("interrupted");
            thread.join();
            await("the port is free again")
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            new DatagramSocket(port("n1"), InetAddress.getLoopbackAddress())
                                    .close());
        }

        @Test
        void needsSomethingThatSaysWhoMayJoin() {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> start("n1", Map.of("cluster-key-file", "")))
                    .withMessageContaining("ridgeline.topology.gossip.allow")
                    .withMessageContaining("ridgeline.topology.gossip.cluster-key-file");
        }

        @Test
        void needsATransportThatHasAnIdentity() {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() ->
                            provider.create(
                                    new ProviderContext(
                                            new NodeId("n1"),
                                            folder,
                                            new ProviderConfig(
                                                    "ridgeline.topology.gossip",
                                                    provider.keys(),
                                                    Map.of())),
                                    "ridgeline",
                                    VERSIONS,
                                    Optional.empty()))
                    .withMessageContaining("ridgeline.topology.type = \"gossip\"")
                    .withMessageContaining("libp2p");
        }

        @Test
        void withAnAllowListNeedsItselfInIt() {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> start("n1", Map.of("allow", "n1=someone-else")))
                    .withMessageContaining("ridgeline.topology.gossip.allow")
                    .withMessageContaining(credentials("n1").identity());
        }

        @Test
        void takesAClusterKeyThatOnlyItsOwnerReads() {
            Path file = folder.resolve("other.key");
            write(file, Base64.getEncoder().encodeToString(new byte[32]), "rw-r--r--");
            refused("cluster-key-file", file.toString(), "rw-r--r--");
            write(file, Base64.getEncoder().encodeToString(new byte[31]), "rw-------");
            refused("cluster-key-file", file.toString(), "at least 32 bytes");
            write(file, "not base64!", "rw-------");
            refused("cluster-key-file", file.toString(), "base64");
            refused("cluster-key-file", folder.resolve("none").toString(), "no such file");
        }

        @Test
        void onATakenPortIsRefused() throws IOException {
            try (DatagramSocket taken =
                    new DatagramSocket(port("n1"), InetAddress.getLoopbackAddress())) {
                refused("listen", "127.0.0.1:" + taken.getLocalPort(), "free UDP port");
            }
        }

        @Test
        void thatTellsMoreThanFitsADatagramIsRefused() {
            StringBuilder labels = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                labels.append(i == 0 ? "" : ",").append("label-").append(i).append('=');
                labels.append("x".repeat(60));
            }
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> start("n1", Map.of("labels", labels.toString())))
                    .withMessageContaining("ridgeline.topology.gossip.labels");
        }

        @ParameterizedTest
        @CsvSource({
            "listen,4002",
            "listen,::1:4002",
            "seeds,db1",
            "seeds,db1:0",
            "seeds,'db1:1,,db2:1'",
            "advertise-gossip,db1:0",
            "advertise,nowhere",
            "allow,n1",
            "allow,'n1=a,n1=b'",
            "allow,'n1=a,n2=a'",
            "labels,zone",
            "labels,'zone=a,zone=b'",
            "founders,65",
            "interval,1ms",
            "interval,2h",
            "suspect-after,60ms",
            "mdns,perhaps"
        })
        void withAValueThatMakesNoSenseIsRefused(String key, String value) {
            refused(key, value, "expected");
        }

        private void refused(String key, String value, String why) {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> start("n1", Map.of(key, value)))
                    .withMessageContaining("ridgeline.topology.gossip." + key)
                    .withMessageContaining(value)
                    .withMessageContaining(why);
        }
    }

    @Test
    void isFoundByItsId() {
        assertThat(ServiceLoader.load(TopologyProvider.class))
                .extracting(TopologyProvider::id)
                .containsExactly("gossip");
    }
}
