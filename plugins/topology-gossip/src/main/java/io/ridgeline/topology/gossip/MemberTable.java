package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.transport.Credentials;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The other members, each with its newest state. Decides what of others' word is taken: what costs
/// nothing is checked first, the signature last. Gossip's thread only.
///
/// Nobody leaves by being silent: a member may hold what nobody else does.
final class MemberTable {
    /// More than the largest cluster that this is made for.
    static final int MEMBERS_MAX = 128;

    private static final class Entry {
        SignedState newest;
        long heardNanos;

        /// A first state may be an old one that others pass on; the next one is a sign of life.
        boolean heard;

        Entry(SignedState newest) {
            this.newest = newest;
        }
    }

    private final String cluster;
    private final NodeId self;
    private final Credentials credentials;
    private final AllowList allow;
    private final VerificationBudget budget;
    private final long suspectNanos;
    private final SortedMap<NodeId, Entry> entries = new TreeMap<>();

    /// What the cluster was founded with; null until that is settled.
    private @Nullable List<Long> founders;

    MemberTable(
            String cluster,
            NodeId self,
            Credentials credentials,
            AllowList allow,
            VerificationBudget budget,
            long suspectNanos) {
        this.cluster = cluster;
        this.self = self;
        this.credentials = credentials;
        this.allow = allow;
        this.budget = budget;
        this.suspectNanos = suspectNanos;
    }

    /// Takes what was kept from an earlier run, but for members that are not allowed any more.
    void restore(List<SignedState> kept) {
        for (SignedState each : kept) {
            MemberState state = each.state();
            if (mayBe(state.node(), state.identity())
                    && credentials.canReach(state.identity(), state.address())) {
                entries.put(state.node(), new Entry(each));
            }
        }
    }

    private boolean mayBe(NodeId node, String identity) {
        return allow.isEmpty() || identity.equals(allow.identityOf(node));
    }

    /// Takes a state of another member, if it is newer than what is known.
    ///
    /// @param from where it came from, which pays for its verification
    /// @return whether it is
    /// @throws Dropped if it is not to be believed
    boolean merge(SignedState candidate, InetAddress from, long nowNanos) {
        MemberState state = candidate.state();
        Entry known = entries.get(state.node());
        boolean same = known != null && known.newest.state().identity().equals(state.identity());
        if (known != null && same && state.incarnation() <= known.newest.state().incarnation()) {
            return false;
        }
        requireAdmitted(state, known, same);
        requireFitting(state);
        budget.take(from, nowNanos);
        if (!candidate.isSigned(cluster, credentials)) {
            throw new Dropped(
                    Dropped.Cause.SIGNATURE,
                    "a state of " + state.node() + " that it has not signed");
        }
        if (known == null || !same) {
            Entry entry = new Entry(candidate);
            entry.heardNanos = nowNanos;
            entries.put(state.node(), entry);
        } else {
            known.newest = candidate;
            known.heardNanos = nowNanos;
            known.heard = true;
        }
        return true;
    }

    private void requireAdmitted(MemberState state, @Nullable Entry known, boolean same) {
        NodeId node = state.node();
        if (!mayBe(node, state.identity())) {
            throw new Dropped(
                    Dropped.Cause.NOT_ALLOWED,
                    node + "=" + state.identity() + " is not in ridgeline.topology.gossip.allow");
        }
        if (known != null && !same && allow.isEmpty()) {
            throw new Dropped(
                    Dropped.Cause.NAME_TAKEN,
                    state.identity()
                            + " calls itself "
                            + node
                            + ", which is "
                            + known.newest.state().identity()
                            + "; if that node has a new identity, say so in"
                            + " ridgeline.topology.gossip.allow");
        }
        if (known == null && entries.size() >= MEMBERS_MAX - 1) {
            throw new Dropped(
                    Dropped.Cause.TOO_MANY, "no room for " + node + ", most is " + MEMBERS_MAX);
        }
        if (state.identity().equals(credentials.self().identity())) {
            throw new Dropped(
                    Dropped.Cause.NAME_TAKEN, node + " has the identity of this node, " + self);
        }
        if (known == null || !same) {
            requireUnknownIdentity(state);
        }
    }

    private void requireUnknownIdentity(MemberState state) {
        for (Entry each : entries.values()) {
            MemberState other = each.newest.state();
            if (!other.node().equals(state.node()) && other.identity().equals(state.identity())) {
                throw new Dropped(
                        Dropped.Cause.NAME_TAKEN,
                        state.node() + " has the identity of " + other.node());
            }
        }
    }

    private void requireFitting(MemberState state) {
        if (state.gossip().port() == 0
                || !credentials.canReach(state.identity(), state.address())) {
            throw new Dropped(
                    Dropped.Cause.ADDRESS,
                    "the transport cannot reach "
                            + state.node()
                            + " at \""
                            + state.address()
                            + "\"");
        }
        List<Long> settled = founders;
        if (settled != null && !state.vote().isEmpty() && !state.vote().equals(settled)) {
            throw new Dropped(
                    Dropped.Cause.FOUNDERS,
                    state.node()
                            + " belongs to a cluster with other founders: one of the two has to be"
                            + " given empty data folders");
        }
    }

    /// The founders are settled: who voted for others is no member of this cluster.
    void settle(List<Long> vote) {
        founders = List.copyOf(vote);
        entries.values()
                .removeIf(each -> {
                    List<Long> other = each.newest.state().vote();
                    return !other.isEmpty() && !other.equals(vote);
                });
    }

    /// {@return the newest states, sorted by node}
    List<SignedState> states() {
        List<SignedState> all = new ArrayList<>(entries.size());
        entries.values().forEach(each -> all.add(each.newest));
        return all;
    }

    /// {@return whether a member raised its incarnation lately, as seen from here}
    Health health(NodeId node, long nowNanos) {
        Entry entry = entries.get(node);
        return entry != null && entry.heard && nowNanos - entry.heardNanos <= suspectNanos
                ? Health.ALIVE
                : Health.SUSPECT;
    }

    /// {@return the other members that are alive}
    SortedSet<NodeId> alive(long nowNanos) {
        SortedSet<NodeId> alive = new TreeSet<>(entries.keySet());
        alive.removeIf(node -> health(node, nowNanos) != Health.ALIVE);
        return alive;
    }

    /// {@return what must be kept over restarts: everything but what is raised all the time}
    Map<NodeId, MemberState> essence() {
        Map<NodeId, MemberState> essence = new TreeMap<>();
        entries.forEach((node, each) -> essence.put(node, each.newest.state().timeless()));
        return essence;
    }
}
