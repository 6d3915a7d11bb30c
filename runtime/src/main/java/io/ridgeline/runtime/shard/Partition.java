package io.ridgeline.runtime.shard;

import io.ridgeline.engine.Published;
import io.ridgeline.engine.Role;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A partition as readers and routing see it: one volatile field, written by its shard's thread
/// (R-PE-3).
public final class Partition {
    /// Told that events were confirmed, on the shard's thread: must only hand the work on.
    public interface Watcher {
        /// The partition's state moved.
        void onPublished(Partition partition);
    }

    private final PartitionId id;
    private final ShardLoop loop;
    private final List<NodeId> replicas;
    private final @Nullable LogReader reader;
    private Watcher watcher = partition -> {};

    /// Where the shard sent a request last, if other nodes hold the partition.
    private volatile @Nullable NodeId sentOnTo;

    private volatile Published published =
            new Published(null, 0, 0, LogPosition.NONE, -1, Role.NONE, false);

    Partition(PartitionId id, ShardLoop loop, List<NodeId> replicas, @Nullable LogReader reader) {
        this.id = id;
        this.loop = loop;
        this.replicas = List.copyOf(replicas);
        this.reader = reader;
    }

    /// {@return its number}
    public PartitionId id() {
        return id;
    }

    /// {@return who runs its shard}
    public ShardLoop loop() {
        return loop;
    }

    /// {@return the nodes that hold it}
    public List<NodeId> replicas() {
        return replicas;
    }

    /// {@return whether this node holds a replica of it}
    public boolean isHere() {
        return reader != null;
    }

    /// {@return the queries of its log, which is here}
    public LogReader reader() {
        if (reader == null) {
            throw new IllegalStateException("partition " + id + " is not on this node");
        }
        return reader;
    }

    /// {@return what is confirmed, and who coordinates}
    public Published published() {
        return published;
    }

    /// {@return the node that requests are sent on to, as far as is known}
    public @Nullable NodeId target() {
        NodeId coordinator = published.coordinator();
        return coordinator == null ? sentOnTo : coordinator;
    }

    /// Sets who is told of everything that is published; before the shard starts.
    public void watch(Watcher only) {
        watcher = only;
    }

    void sentOn(NodeId to) {
        sentOnTo = to;
    }

    void publish(Published state) {
        published = state;
    }

    void tellWatcher() {
        watcher.onPublished(this);
    }
}
