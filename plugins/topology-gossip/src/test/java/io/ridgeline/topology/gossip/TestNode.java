package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.topology.ClusterView;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A node of a test: the real thing but for clock and socket.
final class TestNode {
    static final String CLUSTER = "ridgeline";
    static final Duration SUSPECT_AFTER = Duration.ofSeconds(10);
    static final long START = 1_800_000_000_000L;

    final String name;
    final TestCredentials credentials;
    final List<String> log = new ArrayList<>();
    final Membership membership;
    final DropLog drops;
    final InetSocketAddress address;
    private final RandomGenerator random = new SplittableRandom(7);

    /// How a node is set up; a restart is the same plan once more.
    static final class Plan {
        final String name;
        TestCredentials credentials;
        final Path folder;
        String cluster = CLUSTER;
        AllowList allow = new AllowList(new TreeMap<>());
        @Nullable ClusterKey key;
        Map<String, String> labels = Map.of();
        int founders;
        ProtocolVersions versions = ProtocolVersions.FIRST;
        long clock = START;

        Plan(String name, Path folder) {
            this.name = name;
            this.folder = folder.resolve(name);
            credentials = new TestCredentials("somewhere:" + port(name));
        }

        Plan as(TestCredentials identity) {
            credentials = identity;
            return this;
        }

        Plan founders(int count) {
            founders = count;
            return this;
        }

        Plan allow(AllowList list) {
            allow = list;
            return this;
        }

        Plan versions(ProtocolVersions spoken) {
            versions = spoken;
            return this;
        }

        Plan labels(Map<String, String> own) {
            labels = own;
            return this;
        }

        MemberState state() {
            return new MemberState(
                    new NodeId(name),
                    credentials.identity(),
                    "somewhere:" + port(name),
                    new HostPort("10.0.0.1", port(name)),
                    new TreeMap<>(labels),
                    clock,
                    clock,
                    List.of(),
                    versions);
        }

        SignedState signed(MemberState state) {
            return SignedState.sign(state, cluster, credentials);
        }

        TestNode start() {
            return new TestNode(this);
        }
    }

    private TestNode(Plan plan) {
        name = plan.name;
        credentials = plan.credentials;
        address = socket(plan.name);
        GossipOptions options =
                new GossipOptions(
                        new HostPort("10.0.0.1", port(name)),
                        "",
                        null,
                        List.of(),
                        false,
                        plan.allow,
                        plan.key,
                        new TreeMap<>(plan.labels),
                        plan.founders,
                        Duration.ofSeconds(1),
                        SUSPECT_AFTER);
        MemoryFile file = new MemoryFile(plan.folder, plan.cluster, new NodeId(name));
        drops = new DropLog(log::add, 0);
        membership =
                new Membership(
                        plan.cluster,
                        plan.state(),
                        plan.credentials,
                        options,
                        file.load().orElse(Memory.NONE),
                        file,
                        drops,
                        0);
    }

    static int port(String name) {
        return 5_000 + Integer.parseInt(name.replaceAll("\\D", ""));
    }

    static InetSocketAddress socket(String name) {
        return new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), port(name));
    }

    static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /// Takes datagrams, and answers where that is due.
    List<byte[]> take(List<byte[]> datagrams, InetSocketAddress from, long nowNanos) {
        List<byte[]> answers = new ArrayList<>();
        for (byte[] each : datagrams) {
            answers.addAll(membership.onDatagram(each, each.length, from, nowNanos));
        }
        return answers;
    }

    /// One exchange: this node asks another one.
    void ask(TestNode other, long nowNanos) {
        take(other.take(membership.datagrams(true), address, nowNanos), other.address, nowNanos);
    }

    Optional<ClusterView> view(long nowNanos) {
        return membership.view(nowNanos);
    }

    List<String> founders() {
        return view(0).map(
                        view -> view.founders().stream().map(each -> each.node().name()).toList())
                .orElse(List.of());
    }

    List<String> knows() {
        return membership.others().stream().map(each -> each.node().name()).toList();
    }

    RandomGenerator random() {
        return random;
    }
}
