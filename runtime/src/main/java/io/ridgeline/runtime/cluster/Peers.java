package io.ridgeline.runtime.cluster;

import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.config.ConfigurationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What the other nodes have said of themselves, and what this one says to them. Any thread.
///
/// A contradiction is logged once, on both sides; a node that more than half of the members
/// contradict is the one that is wrong, and ends. So is a node that shares no protocol version with
/// them.
public final class Peers {
    private static final Logger LOG = Logger.getLogger(Peers.class);

    private final ProtocolVersions spoken;
    private final Founding wanted;
    private final Collection<NodeId> founders;
    private final BiConsumer<NodeId, ByteBuffer> sender;
    private final SortedMap<NodeId, Hello> hellos = new TreeMap<>();
    private final SortedMap<NodeId, String> contradictions = new TreeMap<>();

    /// Those that speak no version that this node speaks, and what they speak instead. Changed with
    /// the lock, and asked without it for each message.
    private final SortedMap<NodeId, ProtocolVersions> foreign = new ConcurrentSkipListMap<>();

    private Hello own;
    private List<NodeId> others = List.of();
    private @Nullable ConfigurationException outvoted;
    private Consumer<ConfigurationException> whenOutvoted = refusal -> {};
    private LongConsumer onStart = startedAt -> {};

    /// @param own what this node says until it has a record
    /// @param wanted what its configuration says
    /// @param sender sends to a peer, if it is connected
    public Peers(Hello own, Founding wanted, BiConsumer<NodeId, ByteBuffer> sender) {
        this.own = own;
        this.spoken = own.versions();
        this.wanted = wanted;
        this.sender = sender;
        founders = wanted.nodes().stream().filter(node -> !node.equals(own.run().node())).toList();
    }

    /// These are the members from now on. What others said is forgotten.
    public synchronized void members(Collection<NodeId> members) {
        others = members.stream().filter(node -> !node.equals(own.run().node())).toList();
        hellos.keySet().retainAll(others);
        contradictions.keySet().retainAll(others);
        foreign.keySet().retainAll(others);
    }

    /// Has starts of other nodes noted, on a thread that may wait.
    public synchronized void onStart(LongConsumer noted) {
        onStart = noted;
    }

    /// A connection exists: greets.
    public void onConnected(NodeId peer) {
        Hello hello;
        synchronized (this) {
            hello = own;
        }
        sender.accept(peer, hello.encode());
    }

    /// A peer has said who it is.
    ///
    /// @throws MalformedMessageException if that makes no sense
    public void onHello(NodeId from, ByteBuffer message) {
        ProtocolVersions versions = Hello.versions(message);
        if (spoken.shared(versions).isPresent()) {
            onHello(from, Hello.decode(message));
        } else {
            refuse(from, versions);
        }
    }

    private void refuse(NodeId from, ProtocolVersions versions) {
        boolean isNew;
        synchronized (this) {
            hellos.remove(from);
            contradictions.remove(from);
            isNew = !versions.equals(foreign.put(from, versions));
        }
        if (isNew) {
            LOG.errorf(
                    "node %s speaks protocol versions %s, this node %s: they share none, and do not"
                            + " talk to each other; %s",
                    from, versions, spoken, upgrade(spoken, versions));
        }
        endIfOutvoted();
    }

    private static String upgrade(ProtocolVersions here, ProtocolVersions there) {
        return (here.max() < there.max() ? "upgrade this node" : "upgrade that node")
                + " first, to a release that speaks "
                + (here.max() < there.max() ? there.min() : here.min())
                + ", without skipping one: see \"Upgrade\" in docs/operations.md";
    }

    /// A peer has said who it is.
    void onHello(NodeId from, Hello hello) {
        if (!hello.run().node().equals(from)) {
            LOG.errorf(
                    "node %s calls itself %s: its ridgeline.node is not the name under which it is"
                            + " a member here",
                    from, hello.run().node());
            return;
        }
        LongConsumer noted;
        synchronized (this) {
            noted = onStart;
            foreign.remove(from);
            hellos.put(from, hello);
            compare(from, hello);
        }
        Thread.startVirtualThread(() -> noted.accept(hello.run().startedAt()));
        endIfOutvoted();
    }

    private void endIfOutvoted() {
        ConfigurationException refusal;
        Consumer<ConfigurationException> told;
        synchronized (this) {
            if (refused() * 2 > others.size() + 1) {
                outvoted = contradiction();
            }
            refusal = outvoted;
            told = whenOutvoted;
            notifyAll();
        }
        if (refusal != null) {
            told.accept(refusal);
        }
    }

    private int refused() {
        return contradictions.size() + foreign.size();
    }

    private void compare(NodeId from, Hello hello) {
        List<Difference> differences = differences(own, hello);
        if (differences.isEmpty()) {
            contradictions.remove(from);
            return;
        }
        String text = Difference.text(differences);
        if (!text.equals(contradictions.put(from, text))) {
            LOG.errorf(
                    "node %s contradicts this node: %s; they cannot be of one cluster", from, text);
        }
    }

    private ConfigurationException contradiction() {
        if (contradictions.isEmpty()) {
            return new ConfigurationException(
                    "this node speaks protocol versions "
                            + spoken
                            + " and shares none with others of its cluster: "
                            + foreign.entrySet().stream()
                                    .map(each ->
                                            "node " + each.getKey() + " speaks " + each.getValue())
                                    .collect(Collectors.joining(", "))
                            + "; start a release of Ridgeline here that speaks one of theirs, and"
                            + " upgrade without skipping one: see \"Upgrade\" in"
                            + " docs/operations.md; its data was not touched");
        }
        StringBuilder all = new StringBuilder("this node contradicts others of its cluster: ");
        contradictions.forEach((node, text) ->
                all.append("node ").append(node).append(": ").append(text).append("; "));
        return new ConfigurationException(
                all
                        + "correct its configuration and, if it was founded with a wrong one, give"
                        + " it an empty data folder");
    }

    /// What two nodes cannot both be right in. A node without a record is asked only whether its
    /// configuration fits, since it will take the other's record.
    private static List<Difference> differences(Hello own, Hello other) {
        ClusterRecord recorded = own.record();
        ClusterRecord theirs = other.record();
        if (recorded != null && theirs != null) {
            List<Difference> differences = recorded.founding().differencesTo(theirs.founding());
            return differences.isEmpty() && !recorded.equals(theirs)
                    ? List.of(
                            new Difference(
                                    "assignment",
                                    recorded.clusterId().toString(),
                                    theirs.clusterId().toString()))
                    : differences;
        }
        if (recorded != null) {
            return turned(recorded.founding().contradictedBy(other.founding()));
        }
        return theirs != null
                ? theirs.founding().contradictedBy(own.founding())
                : own.founding().settled(1).differencesTo(other.founding().settled(1));
    }

    private static List<Difference> turned(List<Difference> differences) {
        return differences.stream().map(Difference::turned).toList();
    }

    /// Waits for the record of a peer, until all founders have said that they have none, or for so
    /// long.
    ///
    /// @return a peer with its record; empty if this node has to found the cluster
    /// @throws ConfigurationException if the configuration contradicts a record, or most members
    public Optional<Hello> awaitRecord(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        synchronized (this) {
            while (true) {
                for (Hello hello : hellos.values()) {
                    ClusterRecord record = hello.record();
                    if (record != null) {
                        requireFitting(hello, record);
                        return Optional.of(hello);
                    }
                }
                requireNotOutvoted();
                long left = deadline - System.nanoTime();
                if (left <= 0 || hellos.keySet().containsAll(founders)) {
                    requireMajority();
                    return Optional.empty();
                }
                // Rounded up: a wait of 0 would have no end.
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            }
        }
    }

    /// What is founded stays: better not to found than on facts that half of the members deny.
    private void requireMajority() {
        if (refused() * 2 >= others.size() + 1 && !others.isEmpty()) {
            throw contradiction();
        }
    }

    private void requireFitting(Hello hello, ClusterRecord record) {
        List<Difference> differences = record.founding().contradictedBy(wanted);
        if (!differences.isEmpty()) {
            Difference first = differences.getFirst();
            throw new ConfigurationException(
                    "ridgeline."
                            + first.fact()
                            + " = \""
                            + first.wanted()
                            + "\": expected "
                            + first.recorded()
                            + ", which the cluster of node "
                            + hello.run().node()
                            + " was founded with"
                            + (differences.size() == 1
                                    ? ""
                                    : " (all that differs: " + Difference.text(differences) + ")"));
        }
    }

    /// Has something done once more than half of the members contradict this node; at once if they
    /// do already. May be called again and again.
    public void onOutvoted(Consumer<ConfigurationException> action) {
        ConfigurationException already;
        synchronized (this) {
            whenOutvoted = action;
            already = outvoted;
        }
        if (already != null) {
            action.accept(already);
        }
    }

    /// Goes on only if no more than half of the members contradict this node.
    ///
    /// @throws ConfigurationException if they do
    public synchronized void requireNotOutvoted() {
        if (outvoted != null) {
            throw outvoted;
        }
    }

    /// This node has a record from now on: tells everybody.
    public void founded(ClusterRecord record) {
        Hello now;
        List<NodeId> told;
        synchronized (this) {
            told = others;
            now = new Hello(own.run(), own.clientAddress(), spoken, record.founding(), record);
            own = now;
            for (Map.Entry<NodeId, Hello> each : new ArrayList<>(hellos.entrySet())) {
                compare(each.getKey(), each.getValue());
            }
        }
        endIfOutvoted();
        ByteBuffer encoded = now.encode();
        told.forEach(peer -> sender.accept(peer, encoded.duplicate()));
    }

    /// {@return what a node has said last; empty if it has not}
    public synchronized Optional<Hello> of(NodeId node) {
        return node.equals(own.run().node())
                ? Optional.of(own)
                : Optional.ofNullable(hellos.get(node));
    }

    /// {@return which versions a node speaks; empty if it has not said}
    public synchronized Optional<ProtocolVersions> versions(NodeId node) {
        return of(node).map(Hello::versions).or(() -> Optional.ofNullable(foreign.get(node)));
    }

    /// {@return whether this node shares no version with that one, so that nothing it sends makes
    /// sense here}
    public boolean isForeign(NodeId node) {
        return foreign.containsKey(node);
    }

    /// {@return where clients reach a node, host:port; empty if it has not said}
    public String clientAddress(NodeId node) {
        return of(node).map(Hello::clientAddress).orElse("");
    }
}
