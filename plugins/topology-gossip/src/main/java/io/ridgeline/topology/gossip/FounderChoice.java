package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// With which members a cluster is founded: those that have all voted for the same ones, which are
/// themselves.
///
/// A vote is kept before it is sent and never changed. So a node that is in two sets can have
/// helped one of them only, and no two sets that share a node are both settled. Nodes that see
/// different members at first may vote for different sets; then none is settled, which is a wait
/// that says why, and no harm: nothing has been written yet.
final class FounderChoice {
    private FounderChoice() {}

    /// What a node does next.
    sealed interface Decision {}

    /// The founders are settled.
    ///
    /// @param founders sorted by name
    record Settled(List<MemberState> founders) implements Decision {
        Settled {
            founders = List.copyOf(founders);
        }
    }

    /// This node has to vote.
    ///
    /// @param fingerprints sorted
    record Vote(List<Long> fingerprints) implements Decision {
        Vote {
            fingerprints = List.copyOf(fingerprints);
        }
    }

    /// Nothing yet.
    ///
    /// @param why for the operator
    record Wait(String why) implements Decision {}

    /// {@return what a node does next}
    ///
    /// @param self its own state
    /// @param others the states of the other members that it knows
    /// @param alive those of them that it hears
    /// @param count how many shall found the cluster; 0 if this node joins one
    /// @param quiet whether no member has come or gone for a while
    static Decision decide(
            MemberState self,
            Collection<MemberState> others,
            SortedSet<NodeId> alive,
            int count,
            boolean quiet) {
        SortedMap<Long, MemberState> known = new TreeMap<>();
        known.put(self.fingerprint(), self);
        others.forEach(each -> known.put(each.fingerprint(), each));
        SequencedSet<List<Long>> votes = new LinkedHashSet<>();
        known.values().forEach(each -> votes.add(each.vote()));
        votes.remove(List.<Long>of());
        if (!self.vote().isEmpty()) {
            return settled(self.vote(), known)
                    .orElseGet(() -> new Wait(missing(self.vote(), known)));
        }
        List<List<Long>> withSelf =
                votes.stream().filter(vote -> vote.contains(self.fingerprint())).toList();
        if (withSelf.size() > 1) {
            return new Wait(
                    "others do not agree on the founders: "
                            + withSelf.stream()
                                    .map(vote -> names(vote, known))
                                    .collect(Collectors.joining(" or "))
                            + "; see \"Founding with gossip\" in docs/operations.md");
        }
        if (!withSelf.isEmpty()) {
            return follow(withSelf.getFirst(), known, count);
        }
        List<Decision> elsewhere =
                votes.stream().flatMap(vote -> settled(vote, known).stream()).toList();
        if (elsewhere.size() == 1) {
            return elsewhere.getFirst();
        }
        if (!votes.isEmpty()) {
            return new Wait(
                    elsewhere.isEmpty()
                            ? "waiting until others have founded the cluster: "
                                    + missing(votes.getFirst(), known)
                            : "there are two clusters of this name, with different founders");
        }
        return begin(self, others, alive, count, quiet);
    }

    private static Optional<Decision> settled(List<Long> vote, SortedMap<Long, MemberState> known) {
        List<MemberState> founders = new ArrayList<>();
        for (long each : vote) {
            MemberState founder = known.get(each);
            if (founder == null || !founder.vote().equals(vote)) {
                return Optional.empty();
            }
            founders.add(founder);
        }
        founders.sort((a, b) -> a.node().compareTo(b.node()));
        return Optional.of(new Settled(founders));
    }

    private static String missing(List<Long> vote, SortedMap<Long, MemberState> known) {
        Set<String> silent = new LinkedHashSet<>();
        for (long each : vote) {
            MemberState founder = known.get(each);
            if (founder == null) {
                silent.add("one that is not known here, or has other labels now");
            } else if (founder.vote().isEmpty()) {
                silent.add(founder.node().name());
            } else if (!founder.vote().equals(vote)) {
                silent.add(
                        founder.node()
                                + ", which wants "
                                + names(founder.vote(), known)
                                + "; see \"Founding with gossip\" in docs/operations.md");
            }
        }
        return "the founders are to be "
                + names(vote, known)
                + ", missing the word of "
                + String.join(", ", silent);
    }

    private static String names(List<Long> vote, SortedMap<Long, MemberState> known) {
        return vote.stream()
                .map(each -> {
                    MemberState founder = known.get(each);
                    return founder == null ? "?" : founder.node().name();
                })
                .sorted()
                .collect(Collectors.joining("+"));
    }

    /// Others have chosen this node.
    private static Decision follow(List<Long> vote, SortedMap<Long, MemberState> known, int count) {
        return count == 0 || count == vote.size()
                ? new Vote(vote)
                : new Wait(
                        "ridgeline.topology.gossip.founders is "
                                + count
                                + " here, but others found the cluster with "
                                + vote.size()
                                + ": "
                                + names(vote, known));
    }

    /// Nobody has voted yet. Of more members than are needed the first by name are taken, so that
    /// all come to the same choice.
    private static Decision begin(
            MemberState self,
            Collection<MemberState> others,
            SortedSet<NodeId> alive,
            int count,
            boolean quiet) {
        SortedMap<NodeId, MemberState> present = new TreeMap<>();
        present.put(self.node(), self);
        others.stream()
                .filter(each -> alive.contains(each.node()))
                .forEach(each -> present.put(each.node(), each));
        if (count == 0) {
            return new Wait(
                    "waiting to hear of a cluster that is founded; if this node is to found one,"
                            + " set ridgeline.topology.gossip.founders");
        }
        if (present.size() < count) {
            return new Wait(
                    "waiting for "
                            + count
                            + " founders, "
                            + present.size()
                            + " are here: "
                            + present.keySet());
        }
        if (!quiet && count > 1) {
            return new Wait("waiting whether more members come than " + present.keySet());
        }
        List<MemberState> chosen = present.values().stream().limit(count).toList();
        if (!chosen.contains(self)) {
            return new Wait("waiting until the cluster is founded by the first " + count);
        }
        return new Vote(chosen.stream().map(MemberState::fingerprint).sorted().toList());
    }
}
