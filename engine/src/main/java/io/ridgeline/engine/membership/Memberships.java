package io.ridgeline.engine.membership;

import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.PartitionLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The configurations that a replica must heed: the last one, and the one before it until the last
/// is known to be confirmed (protocol review, C10).
///
/// An entry is confirmed when, for every configuration in force, W of its members hold it; but of a
/// configuration that another one at or before the entry replaces, N − T + 1 suffice, since a
/// takeover still needs T of it. Promises need T of each, rounds W of each.
public final class Memberships {
    private final Rules rules;
    private final List<Placed> placed = new ArrayList<>();
    private long[] scratch = new long[8];
    private long proven;
    private boolean repeated = true;

    private record Placed(long index, Configuration configuration) {}

    /// Empty: the log has no configuration yet.
    public Memberships(Rules rules) {
        this.rules = rules;
    }

    /// Reads them anew from a log. A configuration follows only a confirmed one, so at most the
    /// last two are in force, whatever is known of the watermark.
    ///
    /// @param watermark the highest index that is known to be confirmed
    public void read(PartitionLog log, long watermark, long lastIndex) {
        placed.clear();
        Placed last = placed(log, lastIndex);
        Placed before = last == null ? null : placed(log, last.index() - 1);
        proven = before == null ? 0 : before.index();
        repeated =
                last == null
                        || before == null
                        || last.configuration().equals(before.configuration());
        if (before != null
                && last != null
                && last.index() > watermark
                && rules.holds(Rule.JOINT_COUNT)) {
            placed.add(before);
        }
        if (last != null) {
            placed.add(last);
        }
    }

    private static @Nullable Placed placed(PartitionLog log, long bound) {
        Optional<Entry> found = bound <= 0 ? Optional.empty() : log.configuration(bound);
        return found.map(entry -> new Placed(entry.index(), Configuration.decode(entry.payload())))
                .orElse(null);
    }

    /// {@return the index of the configuration before the last, which the last shows to be
    /// confirmed; 0 if there is none}
    public long proven() {
        return proven;
    }

    /// {@return whether the last configuration says no more than the one before it, or is the
    /// first}
    public boolean isRepeated() {
        return repeated;
    }

    /// Forgets what a watermark makes obsolete.
    ///
    /// @return whether a configuration became the confirmed one
    public boolean confirm(long watermark) {
        boolean moved = false;
        while (placed.size() > 1 && placed.get(1).index() <= watermark) {
            placed.removeFirst();
            moved = true;
        }
        return moved;
    }

    /// {@return whether the log has no configuration}
    public boolean isEmpty() {
        return placed.isEmpty();
    }

    /// {@return whether there is one that is not known to be confirmed}
    public boolean isChanging(long watermark) {
        return !placed.isEmpty() && placed.getLast().index() > watermark;
    }

    /// {@return the last one, confirmed or not}
    public Configuration latest() {
        return placed.getLast().configuration();
    }

    /// {@return all nodes of all of them, sorted}
    public SortedSet<NodeId> nodes() {
        TreeSet<NodeId> nodes = new TreeSet<>();
        for (Placed each : placed) {
            for (Member member : each.configuration().members()) {
                nodes.add(member.node());
            }
        }
        return nodes;
    }

    /// {@return whether any of them names the node under the storage id}
    public boolean names(NodeId node, UUID storageId) {
        for (Placed each : placed) {
            if (each.configuration().names(node, storageId)) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether the first one, if it is at or below the watermark, names the node under the
    /// storage id}
    public boolean confirmedNames(NodeId node, UUID storageId, long watermark) {
        return !placed.isEmpty()
                && placed.getFirst().index() <= watermark
                && placed.getFirst().configuration().names(node, storageId);
    }

    /// {@return the highest index that enough members hold; −1 if there is none}
    ///
    /// @param durable how far each member's disk holds the log
    public long confirmedIndex(Tally durable) {
        if (placed.isEmpty()) {
            return -1;
        }
        if (placed.size() == 1) {
            Configuration only = placed.getFirst().configuration();
            return reached(only, write(only), durable);
        }
        long best = -1;
        for (Placed each : placed) {
            for (Member member : each.configuration().members()) {
                long index = durable.of(member.node(), member.storageId());
                if (index > best && isHeld(index, durable)) {
                    best = index;
                }
            }
        }
        return best;
    }

    private boolean isHeld(long index, Tally durable) {
        for (int i = 0; i < placed.size(); i++) {
            Configuration configuration = placed.get(i).configuration();
            boolean replaced = i + 1 < placed.size() && placed.get(i + 1).index() <= index;
            if (replaced && !rules.holds(Rule.CHANGE_NEEDS_OLD)) {
                continue;
            }
            int needed =
                    replaced
                            ? configuration.quorum().replicas() - takeover(configuration) + 1
                            : write(configuration);
            if (reached(configuration, needed, durable) < index) {
                return false;
            }
        }
        return true;
    }

    /// The highest index that `needed` members of a configuration hold.
    private long reached(Configuration configuration, int needed, Tally durable) {
        List<Member> members = configuration.members();
        int count = members.size();
        if (scratch.length < count) {
            scratch = new long[count];
        }
        for (int i = 0; i < count; i++) {
            Member member = members.get(i);
            scratch[i] = durable.of(member.node(), member.storageId());
        }
        Arrays.sort(scratch, 0, count);
        return scratch[count - needed];
    }

    /// {@return whether T of each configuration are there}
    public boolean holdsTakeover(Tally present) {
        for (Placed each : placed) {
            if (reached(each.configuration(), takeover(each.configuration()), present) < 0) {
                return false;
            }
        }
        return !placed.isEmpty();
    }

    /// {@return whether W of each configuration are there}
    public boolean holdsWrite(Tally present) {
        return writeRound(present) >= 0;
    }

    /// {@return the highest round that W of each configuration have answered}
    public long writeRound(Tally answered) {
        long round = placed.isEmpty() ? -1 : Long.MAX_VALUE;
        for (Placed each : placed) {
            Configuration configuration = each.configuration();
            round = Math.min(round, reached(configuration, write(configuration), answered));
        }
        return round;
    }

    /// {@return whether a takeover could succeed and confirm its epoch start: T of each
    /// configuration vote, W of the last one are there, and of a replaced one N − T + 1}
    ///
    /// @param voting who is there and votes
    /// @param present who is there, among them those whose readmission is not known to be confirmed
    public boolean holdsPoll(Tally voting, Tally present) {
        for (int i = 0; i < placed.size(); i++) {
            Configuration configuration = placed.get(i).configuration();
            int takeover = takeover(configuration);
            boolean replaced = i + 1 < placed.size();
            int confirming =
                    replaced
                            ? configuration.quorum().replicas() - takeover + 1
                            : write(configuration);
            if (reached(configuration, takeover, voting) < 0
                    || reached(configuration, confirming, present) < 0) {
                return false;
            }
        }
        return !placed.isEmpty();
    }

    private int write(Configuration configuration) {
        int write = configuration.quorum().write();
        return rules.holds(Rule.WRITE_QUORUM) ? write : Math.max(1, write - 1);
    }

    private int takeover(Configuration configuration) {
        return rules.holds(Rule.TAKEOVERS_MEET)
                ? configuration.quorum().takeover()
                : configuration.quorum().replicas() - configuration.quorum().write() + 1;
    }
}
