package io.ridgeline.it.process;

import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.spi.tck.Ports;
import io.ridgeline.transport.libp2p.identity.IdentityFile;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Nodes on this machine that are one cluster, `n1` to `n…`, each with identity, ports, data and
/// log of its own that stay the same over its lives.
public final class LocalCluster implements AutoCloseable {
    /// Of the Debian package libfaketime.
    private static final Path FAKE_TIME =
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    /// Where a gossiping node asks first.
    public static final String SEEDS = "ridgeline.topology.gossip.seeds";

    private final Path folder;
    private final List<Member> members = new ArrayList<>();

    /// What is settled for a node, and its present life.
    private static final class Member {
        final String name;
        final Path folder;
        final int port = Ports.tcp();
        final int clusterPort = Ports.tcp();
        final int gossipPort = Ports.udp();
        Node.Plan plan;
        Command.@Nullable Running launched;
        @Nullable Node node;

        Member(String name, Path folder) {
            this.name = name;
            this.folder = folder;
            plan = Node.on(data());
        }

        Path disk() {
            return folder.resolve("disk");
        }

        Path data() {
            return disk().resolve("data");
        }

        Path identity() {
            return folder.resolve("identity.key");
        }
    }

    private LocalCluster(Path folder, int nodes) {
        this.folder = folder;
        for (int i = 1; i <= nodes; i++) {
            members.add(new Member("n" + i, folder.resolve("n" + i)));
        }
        for (Member member : members) {
            member.plan =
                    Node.on(member.data())
                            .in(member.folder)
                            .port(member.port)
                            .with("ridgeline.node", member.name)
                            .with("ridgeline.transport.type", "libp2p")
                            .with(
                                    "ridgeline.transport.libp2p.listen",
                                    "127.0.0.1:" + member.clusterPort)
                            .with(
                                    "ridgeline.transport.libp2p.identity-file",
                                    member.identity().toString());
        }
    }

    /// {@return a cluster of nodes that are not started yet, in an empty folder}
    public static LocalCluster of(Path folder, int nodes) {
        return of(folder, nodes, plan -> plan);
    }

    /// {@return a cluster of nodes that are not started yet, in an empty folder}
    ///
    /// @param plan adds what all of its nodes are told
    public static LocalCluster of(Path folder, int nodes, UnaryOperator<Node.Plan> plan) {
        return of(folder, nodes, (_, _, port) -> port, plan);
    }

    /// {@return a cluster of nodes that are not started yet, in an empty folder}
    ///
    /// @param links what lies between the nodes
    /// @param plan adds what all of its nodes are told
    public static LocalCluster of(
            Path folder, int nodes, Links links, UnaryOperator<Node.Plan> plan) {
        LocalCluster cluster = new LocalCluster(folder, nodes);
        for (Member member : cluster.members) {
            String list = cluster.memberList(member, links);
            member.plan = plan.apply(member.plan.with("ridgeline.topology.static.members", list));
        }
        return cluster;
    }

    /// {@return a cluster of nodes that are not started yet, in an empty folder, and that know of
    /// each other only what gossip tells them: who may join, and where the first one is}
    public static LocalCluster gossiping(Path folder, int nodes) {
        LocalCluster cluster = new LocalCluster(folder, nodes);
        for (Member member : cluster.members) {
            gossip(member, cluster.members.getFirst())
                    .with("ridgeline.topology.gossip.founders", Integer.toString(nodes));
        }
        return cluster;
    }

    private static Node.Plan gossip(Member member, Member seed) {
        return member.plan
                .with("ridgeline.topology.type", "gossip")
                .with("ridgeline.topology.gossip.listen", "127.0.0.1:" + member.gossipPort)
                .with(SEEDS, "127.0.0.1:" + seed.gossipPort);
    }

    /// {@return `name=identity` of all nodes}
    public String identities() {
        return String.join(
                ",", members.stream().map(each -> each.name + "=" + identity(each)).toList());
    }

    private static String identity(Member member) {
        return key(member).peerId().toString();
    }

    private static IdentityKey key(Member member) {
        try {
            return new IdentityFile(member.identity()).loadOrCreate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return what a node proves with that it is a member}
    public IdentityKey key(int number) {
        return key(member(number));
    }

    /// {@return where a node listens for the others}
    public InetSocketAddress clusterAddress(int number) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), member(number).clusterPort);
    }

    /// What lies between nodes.
    public interface Links {
        /// {@return the port at which node `from` reaches node `to`, which listens on `port`}
        int port(int from, int to, int port);
    }

    private String memberList(Member reader, Links links) {
        List<String> parts = new ArrayList<>();
        for (Member member : members) {
            int port =
                    member == reader
                            ? member.clusterPort
                            : links.port(number(reader), number(member), member.clusterPort);
            parts.add(
                    "%s=/ip4/127.0.0.1/tcp/%d/p2p/%s"
                            .formatted(member.name, port, identity(member)));
        }
        return String.join(",", parts);
    }

    private int number(Member member) {
        return members.indexOf(member) + 1;
    }

    /// Adds a node that comes later, with a number of its own; it is told where one of the others
    /// takes gossip.
    ///
    /// @return its number
    public int addLater(int seed) {
        int number = members.size() + 1;
        Member member = new LocalCluster(folder, number).members.getLast();
        members.add(member);
        gossip(member, member(seed));
        return number;
    }

    /// Starts all nodes at once and waits until they are ready.
    public LocalCluster start() {
        numbers().forEach(this::launch);
        numbers().forEach(this::awaitReady);
        return this;
    }

    /// {@return the numbers of the nodes, from 1}
    public List<Integer> numbers() {
        return IntStream.rangeClosed(1, members.size()).boxed().toList();
    }

    /// {@return where clients reach the nodes, running or not}
    public String addresses() {
        return String.join(",", members.stream().map(each -> "127.0.0.1:" + each.port).toList());
    }

    /// {@return how a node is started; may be changed for its next life}
    public Node.Plan plan(int number) {
        return member(number).plan;
    }

    /// Changes how a node is started from its next life on.
    public void replan(int number, Node.Plan plan) {
        member(number).plan = plan;
    }

    /// {@return a node that runs}
    public Node node(int number) {
        Node node = member(number).node;
        if (node == null) {
            throw new IllegalStateException("n" + number + " does not run");
        }
        return node;
    }

    /// {@return the nodes that run}
    public List<Node> nodes() {
        List<Node> running = new ArrayList<>();
        for (Member member : members) {
            if (member.node != null) {
                running.add(member.node);
            }
        }
        return running;
    }

    /// Starts a node without waiting for it.
    public Command.Running launch(int number) {
        Member member = member(number);
        Command.Running launched = member.plan.launch();
        member.launched = launched;
        return launched;
    }

    /// Waits until a node that was launched is ready.
    public Node awaitReady(int number) {
        Member member = member(number);
        if (member.launched == null) {
            throw new IllegalStateException("n" + number + " was not launched");
        }
        Node node = member.plan.await(member.launched);
        member.node = node;
        return node;
    }

    /// Starts a node again and waits until it is ready.
    public Node restart(int number) {
        launch(number);
        return awaitReady(number);
    }

    /// Ends a node with `kill -9`.
    public void kill(int number) {
        node(number).kill();
        member(number).node = null;
    }

    /// Ends a node as an operator does.
    public Outcome terminate(int number) {
        Outcome outcome = node(number).terminate();
        member(number).node = null;
        return outcome;
    }

    /// Stops a node in its tracks, sockets open: SIGSTOP.
    public void pause(int number) {
        signal(number, "STOP");
    }

    /// Lets a paused node go on.
    public void resume(int number) {
        signal(number, "CONT");
    }

    private void signal(int number, String name) {
        Outcome outcome =
                Command.of(folder, "kill", "-" + name, Long.toString(node(number).process().pid()))
                        .run();
        if (outcome.exit() != 0) {
            throw new AssertionError("kill: " + outcome);
        }
    }

    /// {@return whether the machine has what [#shiftClock] takes}
    public static boolean canShiftClocks() {
        return Files.exists(FAKE_TIME);
    }

    /// Lets the clock of a node that does not run be wrong from its next life on.
    public void shiftClock(int number, int seconds) {
        member(number)
                .plan
                .environment("LD_PRELOAD", FAKE_TIME.toString())
                .environment("FAKETIME", "%+ds".formatted(seconds))
                .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /// Removes the data of a node that does not run; its identity stays.
    public void wipe(int number) {
        try {
            Checkout.delete(member(number).data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return where a node has its data and nothing else, so that it may be a disk of its own}
    public Path disk(int number) {
        return member(number).disk();
    }

    /// {@return what a node says of itself and the others}
    public GetStatusResponse status(int number) {
        return node(number).admin().getStatus(GetStatusRequest.getDefaultInstance());
    }

    /// {@return the partitions that a node holds}
    public SortedSet<Integer> held(int number) {
        SortedSet<Integer> held = new TreeSet<>();
        status(number).getPartitionsList().forEach(each -> held.add(each.getPartition()));
        return held;
    }

    /// {@return for each partition that a node holds the number of the one that coordinates it, as
    /// it sees it; 0 for none}
    public SortedMap<Integer, Integer> coordinators(int asked) {
        SortedMap<Integer, Integer> all = new TreeMap<>();
        for (PartitionStatus each : status(asked).getPartitionsList()) {
            String name = each.getCoordinator();
            all.put(
                    each.getPartition(),
                    name.isEmpty() ? 0 : Integer.parseInt(name.substring("n".length())));
        }
        return all;
    }

    /// {@return the number of a node that runs}
    public int anyRunning() {
        return numbers().stream()
                .filter(number -> member(number).node != null)
                .findFirst()
                .orElseThrow();
    }

    /// Does something with the cluster; if it fails, shows what the nodes have logged.
    public void check(Runnable test) {
        try {
            test.run();
        } catch (RuntimeException | AssertionError e) {
            System.err.println(logs());
            throw e;
        }
    }

    /// {@return the number of the node that coordinates a partition, as some node sees it; waits
    /// for one that does}
    public int coordinatorOf(int partition) {
        return Awaitility.await("a coordinator")
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> coordinators(anyRunning()).getOrDefault(partition, 0),
                        number -> number > 0);
    }

    private Member member(int number) {
        return members.get(number - 1);
    }

    /// {@return what all nodes have logged in their last lives}
    public String logs() {
        StringBuilder all = new StringBuilder();
        for (Member member : members) {
            if (member.launched != null) {
                all.append("==== ").append(member.name).append('\n').append(member.launched.err());
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        for (Member member : members) {
            if (member.node != null) {
                member.node.close();
                member.node = null;
            } else if (member.launched != null) {
                member.launched.close();
            }
        }
    }
}
