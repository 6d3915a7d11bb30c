package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// All replicas of one bucket on this node: one mailbox, one thread at a time, deterministic.
///
/// Takes inputs and acts through [Ports] only: no clock, thread, lock or I/O of its own but the
/// bucket's. Bucket b of a node talks to bucket b of its peers, heartbeats included, so a shard is
/// a complete protocol node. A single node is a cluster of one through the same code.
///
/// The loop that owns a shard, per turn: take a bounded number of inputs, call [#endTurn], flush
/// the transport; if the bucket is dirty: sync it, then [#onSynced], [#endTurn], flush; then wait
/// for input or for [#nextTimerNanos], and call [#onTimer] once that time has come. If inputs are
/// handed in while a sync runs, the bucket is dirty at [#onSynced] and what came in between counts
/// after the next one. While [#onSynced] left anything to be synced, the next timer is due at once.
/// Replies and ports are called from within; they must not call the shard.
public final class Shard {
    private final ShardCore core;

    /// Opens the replicas that are assigned to this node or have data here.
    ///
    /// @param bucket owned by the shard's thread from now on
    /// @param random the shard's own; seeds jitter and nonces
    public Shard(ShardSettings settings, LogBucket bucket, Ports ports, RandomGenerator random) {
        core = new ShardCore(settings, bucket, ports, random);
    }

    /// Begins: every replica is a follower, whatever it was in an earlier run. Called once, first.
    public void start(long nowNanos) {
        core.start(nowNanos);
    }

    /// A message of an authenticated peer, on whatever lane.
    ///
    /// @param message must not change afterwards
    public void onMessage(NodeId from, ByteBuffer message, long nowNanos) {
        core.onMessage(from, message, nowNanos);
    }

    /// A connection to a peer exists from now on.
    public void onConnected(NodeId peer, long nowNanos) {
        core.onConnected(peer, nowNanos);
    }

    /// No connection to a peer exists any more.
    public void onDisconnected(NodeId peer, long nowNanos) {
        core.onDisconnected(peer, nowNanos);
    }

    /// A client's append that reached this node.
    public void onExecute(ExecuteTransaction request, long nowNanos) {
        core.onExecute(request, nowNanos);
    }

    /// A linearizable read, or one that waits for a session's position.
    public void onReadIndex(ReadIndexRequest request, long nowNanos) {
        core.onReadIndex(request, nowNanos);
    }

    /// An operator's command.
    public void onCommand(AdminCommand command, long nowNanos) {
        core.onCommand(command, nowNanos);
    }

    /// The time of [#nextTimerNanos] has come.
    public void onTimer(long nowNanos) {
        core.onTimer(nowNanos);
    }

    /// {@return when [#onTimer] is due; the largest number if nothing is}
    public long nextTimerNanos() {
        return core.nextTimerNanos();
    }

    /// Sends what was gathered.
    public void endTurn(long nowNanos) {
        core.endTurn(nowNanos);
    }

    /// The bucket's sync succeeded: everything that was handed in before it is durable.
    public void onSynced(long nowNanos) {
        core.onSynced(nowNanos);
    }

    /// The bucket's sync, or another call, failed; the bucket accepts nothing more.
    public void onStorageFailed(StorageException failure, long nowNanos) {
        core.onStorageFailed(failure, nowNanos);
    }

    /// The loop noticed that it was not running for a while: nothing can be concluded from the
    /// silence of others meanwhile.
    public void onPaused(long pausedNanos, long nowNanos) {
        core.onPaused(pausedNanos, nowNanos);
    }

    /// The node shuts down: new writes are refused, reigns are handed over. Go on with turns until
    /// [#isDrained] or the end of the grace period.
    public void stop(long nowNanos) {
        core.stop(nowNanos);
    }

    /// {@return whether nothing is left to be answered or handed over}
    public boolean isDrained() {
        return core.isDrained();
    }

    /// {@return every partition that has a replica here}
    public SortedMap<PartitionId, PartitionStatus> status() {
        SortedMap<PartitionId, PartitionStatus> all = new TreeMap<>();
        core.forEachReplica(replica -> all.put(replica.id(), replica.status()));
        return all;
    }
}
