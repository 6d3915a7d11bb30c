package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.transport.Credentials;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// What a node knows of its cluster and says to others: its own state, the table of the others, and
/// the way to the founders. Knows time and datagrams, but no clock and no socket. Gossip's thread
/// only.
///
/// Exchanges are of full states, in both directions: a cluster has some dozens of members, and what
/// was lost before is mended by any later one.
final class Membership {
    private static final int PARTNERS = 3;
    private static final int QUIET_TICKS = 3;

    private final String cluster;
    private final Credentials credentials;
    private final GossipOptions options;
    private final DatagramCodec codec;
    private final MemoryFile file;
    private final MemberTable table;
    private final VerificationBudget budget;
    private final DropLog drops;
    private MemberState own;
    private SignedState signed;
    private SortedMap<NodeId, SortedMap<String, String>> founders;
    private Map<NodeId, MemberState> kept;
    private SortedSet<NodeId> present = new TreeSet<>();
    private int quietTicks;
    private String waiting = "";

    /// @param fresh this node's state as its configuration says it, with the wall clock for
    ///   incarnation
    /// @param memory what was kept
    /// @param file where more is kept
    /// @param drops is told what was not used
    Membership(
            String cluster,
            MemberState fresh,
            Credentials credentials,
            GossipOptions options,
            Memory memory,
            MemoryFile file,
            DropLog drops,
            long nowNanos) {
        this.cluster = cluster;
        this.credentials = credentials;
        this.options = options;
        this.codec = new DatagramCodec(cluster, options.key());
        this.file = file;
        this.drops = drops;
        budget = new VerificationBudget(nowNanos);
        table =
                new MemberTable(
                        cluster,
                        fresh.node(),
                        credentials,
                        options.allow(),
                        budget,
                        options.suspectAfter().toNanos());
        table.restore(memory.others());
        kept = table.essence();
        founders = memory.founders();
        long incarnation = Math.max(fresh.incarnation(), memory.incarnation() + 1);
        own =
                new MemberState(
                        fresh.node(),
                        fresh.identity(),
                        fresh.address(),
                        fresh.gossip(),
                        memory.vote().isEmpty() ? fresh.labels() : memory.labels(),
                        incarnation,
                        incarnation,
                        memory.vote(),
                        fresh.versions());
        signed = SignedState.sign(own, cluster, credentials);
        if (!founders.isEmpty()) {
            table.settle(own.vote().isEmpty() ? voteOfFounders() : own.vote());
        }
    }

    /// A node that joined later has no vote of its own.
    private List<Long> voteOfFounders() {
        List<Long> vote = new ArrayList<>();
        founders.forEach((node, labels) ->
                vote.add(
                        new MemberState(
                                        node,
                                        "",
                                        "",
                                        own.gossip(),
                                        labels,
                                        0,
                                        0,
                                        List.of(),
                                        own.versions())
                                .fingerprint()));
        Collections.sort(vote);
        return vote;
    }

    /// Time has passed: raises the incarnation, votes if it is time to, keeps what has changed.
    ///
    /// @throws UncheckedIOException if something could not be kept; it is tried again next time
    void onTick(long nowNanos) {
        update(own.withIncarnation(own.incarnation() + 1));
        if (founders.isEmpty()) {
            decide(nowNanos);
        }
        if (!kept.equals(table.essence())) {
            keep(own.vote());
        }
    }

    private void update(MemberState next) {
        own = next;
        signed = SignedState.sign(own, cluster, credentials);
    }

    private void keep(List<Long> vote) {
        Map<NodeId, MemberState> essence = table.essence();
        file.save(new Memory(own.incarnation(), vote, own.labels(), founders, table.states()));
        kept = essence;
    }

    private void decide(long nowNanos) {
        SortedSet<NodeId> alive = table.alive(nowNanos);
        quietTicks = alive.equals(present) ? quietTicks + 1 : 0;
        present = alive;
        List<MemberState> others = table.states().stream().map(SignedState::state).toList();
        FounderChoice.Decision decision =
                FounderChoice.decide(
                        own, others, alive, options.founders(), quietTicks >= QUIET_TICKS);
        switch (decision) {
            case FounderChoice.Wait(String why) -> waiting = why;
            case FounderChoice.Vote(List<Long> fingerprints) -> {
                // Kept before anybody can hear of it: a vote is given once.
                keep(fingerprints);
                update(own.withVote(fingerprints));
                decide(nowNanos);
            }
            case FounderChoice.Settled(List<MemberState> chosen) -> settle(chosen);
        }
    }

    private void settle(List<MemberState> chosen) {
        SortedMap<NodeId, SortedMap<String, String>> settled = new TreeMap<>();
        chosen.forEach(each -> settled.put(each.node(), each.labels()));
        table.settle(chosen.getFirst().vote());
        founders = settled;
        try {
            keep(own.vote());
        } catch (UncheckedIOException e) {
            founders = new TreeMap<>();
            throw e;
        }
        waiting = "";
    }

    /// A datagram came in.
    ///
    /// @param bytes may be longer than the datagram
    /// @return what to send back; nothing unless the sender has said something new of itself, so
    ///   that nobody can have answers sent to others by repeating what it once heard
    List<byte[]> onDatagram(byte[] bytes, int length, InetSocketAddress from, long nowNanos) {
        DatagramCodec.Datagram datagram;
        try {
            datagram = codec.decode(bytes, length);
        } catch (Dropped e) {
            drops.onDropped(e, from, nowNanos);
            return List.of();
        }
        boolean newsOfSender = false;
        boolean first = true;
        for (SignedState each : datagram.states()) {
            try {
                boolean news = onState(each, from.getAddress(), nowNanos);
                newsOfSender |= first && news;
            } catch (Dropped e) {
                drops.onDropped(e, from, nowNanos);
            }
            first = false;
        }
        return datagram.asks() && newsOfSender ? datagrams(false) : List.of();
    }

    private boolean onState(SignedState candidate, InetAddress from, long nowNanos) {
        MemberState state = candidate.state();
        if (!state.node().equals(own.node())) {
            return table.merge(candidate, from, nowNanos);
        }
        if (!state.identity().equals(own.identity())) {
            throw new Dropped(
                    Dropped.Cause.NAME_TAKEN,
                    state.identity() + " calls itself " + own.node() + ", which is this node");
        }
        if (state.incarnation() <= own.incarnation()) {
            return false;
        }
        // Of an earlier life with a clock ahead of this one's: others must believe this one.
        budget.take(from, nowNanos);
        if (!candidate.isSigned(cluster, credentials)) {
            throw new Dropped(
                    Dropped.Cause.SIGNATURE, "a state of this node that it has not signed");
        }
        update(own.withIncarnation(state.incarnation() + 1));
        return false;
    }

    /// {@return what this node knows, its own state first}
    ///
    /// @param asks whether to ask for what the other one knows
    List<byte[]> datagrams(boolean asks) {
        List<SignedState> all = new ArrayList<>();
        all.add(signed);
        all.addAll(table.states());
        return codec.encode(all, asks);
    }

    /// {@return where to send to now: some members, drawn, and a seed; all seeds as long as the
    /// founders are not settled, or nobody else is known}
    ///
    /// @param seeds configured or discovered
    List<HostPort> partners(List<HostPort> seeds, RandomGenerator random) {
        List<HostPort> members = new ArrayList<>();
        table.states().forEach(each -> members.add(each.state().gossip()));
        List<HostPort> others = new ArrayList<>();
        for (HostPort seed : new LinkedHashSet<>(seeds)) {
            if (!seed.equals(own.gossip()) && !members.contains(seed)) {
                others.add(seed);
            }
        }
        boolean forming = founders.isEmpty() || members.isEmpty();
        List<HostPort> chosen = drawn(members, PARTNERS, random);
        chosen.addAll(drawn(others, forming ? others.size() : 1, random));
        return chosen;
    }

    private static List<HostPort> drawn(List<HostPort> places, int most, RandomGenerator random) {
        Collections.shuffle(places, Random.from(random));
        return new ArrayList<>(places.subList(0, Math.min(most, places.size())));
    }

    /// {@return the members, once the founders are settled}
    Optional<ClusterView> view(long nowNanos) {
        if (founders.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<NodeId, Member> members = new TreeMap<>();
        members.put(own.node(), member(own, Health.ALIVE));
        for (SignedState each : table.states()) {
            MemberState state = each.state();
            members.put(state.node(), member(state, table.health(state.node(), nowNanos)));
        }
        List<Member> settled = new ArrayList<>();
        founders.forEach((node, labels) -> settled.add(new Member(node, "", "", labels)));
        return Optional.of(new ClusterView(own.node(), List.copyOf(members.values()), settled));
    }

    private static Member member(MemberState state, Health health) {
        return new Member(
                state.node(),
                state.address(),
                state.identity(),
                state.labels(),
                state.startedAt(),
                state.versions(),
                health);
    }

    /// {@return what this node waits for before it knows the founders; empty if it knows them}
    String waiting() {
        return waiting;
    }

    /// {@return its own state}
    MemberState own() {
        return own;
    }

    /// {@return the states of the others}
    List<MemberState> others() {
        return table.states().stream().map(SignedState::state).toList();
    }
}
