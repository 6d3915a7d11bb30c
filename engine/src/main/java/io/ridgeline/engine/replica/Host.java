package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.transport.Lane;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What a replica needs of the shard that it lives in.
public interface Host {

    /// {@return what the shard was made with}
    ShardSettings settings();

    /// {@return the time of the present input}
    long now();

    /// {@return randomness for jitter}
    RandomGenerator random();

    /// {@return how many bytes of client writes the bucket may still take}
    long clientBytesFree();

    /// {@return how many syncs have succeeded}
    long syncs();

    /// {@return whether the node is shutting down}
    boolean stopping();

    /// Gathers a message; it leaves at the end of the turn.
    void send(NodeId to, Lane lane, Message message);

    /// Has a replica tell its watermark when something is sent to the node anyway.
    void tellAlong(NodeId to, PartitionReplica replica);

    /// Asks for [PartitionReplica#endTurn] in this turn.
    void touch(PartitionReplica replica);

    /// Asks for [PartitionReplica#onDurable] after the next sync.
    void dirty(PartitionReplica replica);

    /// Asks for [PartitionReplica#onTimer] at a time.
    void wakeAt(PartitionReplica replica, long nanos);

    /// Has the replica's claim sent with the next heartbeats, until each peer has acknowledged it.
    void digestChanged(PartitionReplica replica);

    /// Notes that a coordinator's log or watermark moved, so that a digest says so once it is
    /// quiet.
    void moved(PartitionReplica replica);

    /// Has a page served, in turn with others.
    void page(PartitionReplica replica, Run asker, PartitionSyncRequest request);

    /// Sends a request on to another node, which will answer it.
    void forward(ExecuteTransaction request, NodeId to);

    /// Tells the runtime what readers may know.
    void published(PartitionId partition, Published state);

    /// Tells the runtime what happened.
    void record(EngineEvent event);

    /// {@return whether the node's messages arrive here}
    boolean isHeard(NodeId node);

    /// {@return whether the node's messages arrive here, and ours there; true for this node}
    boolean isInContact(NodeId node);

    /// {@return whether there is a connection to the node, as far as is known}
    boolean isConnected(NodeId node);

    /// {@return whether it is known what the node claims: it said so, or is silent}
    boolean claimsKnown(NodeId node);

    /// {@return the newest run of the node that was heard; null if none}
    @Nullable Run runOf(NodeId node);
}
