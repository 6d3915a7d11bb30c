package io.ridgeline.engine.node;

import io.ridgeline.engine.Ports;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Heartbeat;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.replica.PartitionReplica;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Another node as this shard sees it: which run, whether it is heard, whether it hears us, and
/// which of our claims it has not acknowledged yet.
public final class Peer {
    private static final int SENT_TIMES = 256;

    private final NodeId node;
    private final ShardSettings settings;
    private final Outbox outbox;

    /// Claims to be told, in the order of their turn, with the heartbeats that told each.
    private final Map<PartitionReplica, Told> untold = new LinkedHashMap<>();

    /// Those whose watermark goes along with what is sent next.
    private final Set<PartitionReplica> tellingAlong = new LinkedHashSet<>();

    private final long[] sentAt = new long[SENT_TIMES];
    private @Nullable Run run;
    private boolean connected = true;
    private boolean heard;
    private boolean inContact;
    private boolean claimsComplete;
    private long listeningSince;
    private long heardAt;
    private long twoWayAt = Long.MIN_VALUE;
    private long sequence;
    private long heardSequence;
    private long forwardedId;

    /// @param onForwardDropped learns which forwarded request certainly did not leave
    public Peer(
            NodeId node,
            ShardSettings settings,
            Ports ports,
            LongConsumer onForwardDropped,
            long nowNanos) {
        this.node = node;
        this.settings = settings;
        this.outbox = new Outbox(node, settings, ports, onForwardDropped);
        this.listeningSince = nowNanos;
    }

    /// {@return its name}
    public NodeId node() {
        return node;
    }

    /// {@return its newest run that was heard, or null}
    public @Nullable Run run() {
        return run;
    }

    /// Gathers a message.
    public void send(Lane lane, Message message) {
        outbox.add(lane, message);
    }

    /// Has a replica tell its watermark with what is sent next.
    public void tellAlong(PartitionReplica replica) {
        tellingAlong.add(replica);
    }

    /// Sends what was gathered.
    public void flush() {
        if (!tellingAlong.isEmpty() && outbox.holds(Lane.REPLICATION)) {
            tellingAlong.forEach(replica -> replica.tellWatermark(node));
            tellingAlong.clear();
        }
        outbox.flush();
    }

    /// Something of a run arrived that is not older than the newest.
    ///
    /// @return whether the run is new
    public boolean onHeard(Run sender, long nowNanos) {
        heardAt = nowNanos;
        Run known = run;
        if (known != null && known.startedAt() >= sender.startedAt()) {
            return false;
        }
        run = sender;
        heardSequence = 0;
        forwardedId = 0;
        twoWayAt = Long.MIN_VALUE;
        claimsComplete = false;
        listeningSince = nowNanos;
        return true;
    }

    /// What a new run has to be told.
    public void tellAll(Iterable<PartitionReplica> replicas) {
        // What is in there stays: the new run may have heard what it takes back.
        untold.replaceAll((replica, told) -> new Told());
        for (PartitionReplica replica : replicas) {
            if (replica.digest().phase() != Phase.NONE) {
                untold.put(replica, new Told());
            }
        }
    }

    /// A claim has changed.
    public void tell(PartitionReplica replica) {
        untold.remove(replica);
        untold.put(replica, new Told());
    }

    /// Makes the next heartbeat.
    public Heartbeat heartbeat(long diskStalledNanos, long nowNanos) {
        sequence++;
        sentAt[(int) (sequence % SENT_TIMES)] = nowNanos;
        int count = Math.min(untold.size(), settings.limits().digestEntriesMax());
        List<PartitionReplica> turn = new ArrayList<>(count);
        for (PartitionReplica replica : untold.keySet()) {
            if (turn.size() == count) {
                break;
            }
            turn.add(replica);
        }
        boolean complete = turn.size() == untold.size();
        List<DigestEntry> digest = new ArrayList<>(count);
        for (PartitionReplica replica : turn) {
            digest.add(replica.digest());
            Told told = untold.remove(replica);
            if (told != null && settings.rules().holds(Rule.DIGEST_REPEATS)) {
                told.in(sequence);
                untold.put(replica, told);
            }
        }
        Run known = run;
        return new Heartbeat(
                sequence,
                known == null ? 0 : known.startedAt(),
                heardSequence,
                settings.versions(),
                diskStalledNanos,
                complete,
                digest);
    }

    /// {@return whether the digest is newer than what was heard before}
    public boolean onHeartbeat(Heartbeat heartbeat) {
        if (heartbeat.echoRun() == settings.self().startedAt()) {
            long echo = heartbeat.echo();
            if (echo > 0 && echo <= sequence && sequence - echo < SENT_TIMES) {
                twoWayAt = Math.max(twoWayAt, sentAt[(int) (echo % SENT_TIMES)]);
            }
            untold.values().removeIf(told -> told.wasIn(echo));
            claimsComplete |= heartbeat.complete();
        }
        if (heartbeat.sequence() <= heardSequence) {
            return false;
        }
        heardSequence = heartbeat.sequence();
        return true;
    }

    /// Whether a forwarded request is heard for the first time. A copy must not be executed after
    /// the first was refused; one that was overtaken counts as lost.
    public boolean isNewForward(long requestId) {
        boolean isNew = requestId > forwardedId;
        forwardedId = Math.max(forwardedId, requestId);
        return isNew;
    }

    /// A connection exists from now on, or no more.
    public void setConnected(boolean value) {
        connected = value;
    }

    /// {@return whether there is a connection, as far as is known}
    public boolean isConnected() {
        return connected;
    }

    /// After a pause of this node nothing can be concluded from silence yet (M13).
    public void listenAnew(long nowNanos) {
        listeningSince = nowNanos;
        if (heard) {
            heardAt = nowNanos;
        }
    }

    /// Draws the conclusions from time and connection.
    ///
    /// @return whether they differ from the last ones
    public boolean review(long nowNanos) {
        long detector = settings.timings().detectorNanos();
        long patience = connected ? detector : settings.timings().lostNanos();
        boolean nowHeard = run != null && nowNanos - heardAt < patience;
        boolean nowInContact =
                nowHeard
                        && connected
                        && twoWayAt != Long.MIN_VALUE
                        && nowNanos - twoWayAt < detector;
        boolean changed = nowHeard != heard || nowInContact != inContact;
        heard = nowHeard;
        inContact = nowInContact;
        return changed;
    }

    /// {@return whether its messages arrive here}
    public boolean isHeard() {
        return heard;
    }

    /// {@return whether, besides, ours arrive there}
    public boolean isInContact() {
        return inContact;
    }

    /// {@return whether it is known what it claims: it said so, and has no more to say if it is
    /// gone since; or had long enough to say it: a node that does not hear us can tell a new run
    /// nothing}
    public boolean claimsKnown(long nowNanos) {
        return claimsComplete || nowNanos - listeningSince >= settings.timings().detectorNanos();
    }
}
