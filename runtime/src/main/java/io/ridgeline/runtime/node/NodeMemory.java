package io.ridgeline.runtime.node;

import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.runtime.cluster.ClusterRecord;
import io.ridgeline.runtime.cluster.Difference;
import io.ridgeline.runtime.cluster.Founding;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a node remembers between its runs, apart from its logs: its name, the record of its
/// cluster, and the latest start that it knows of.
final class NodeMemory {
    private static final String NODE = "node";
    private static final String HIGHEST_START = "highest-start";

    private final EventStorage storage;
    private final Path folder;
    private long highestStart;

    /// @param folder of the data, for messages
    NodeMemory(EventStorage storage, Path folder) {
        this.storage = storage;
        this.folder = folder;
        highestStart = storage.read(HIGHEST_START).map(value -> value.getLong(0)).orElse(0L);
    }

    /// Begins a run: startedAt is the clock's time, but later than all that the node ever had or
    /// heard of (R-CO-1). Saved before anything is sent.
    ///
    /// @throws ConfigurationException if the data is another node's
    synchronized Run beginRun(NodeId node, long nowMillis) {
        Optional<String> recorded =
                storage.read(NODE).map(bytes -> StandardCharsets.US_ASCII.decode(bytes).toString());
        if (recorded.isPresent()) {
            requireSame(new Difference("node", node.name(), recorded.get()));
        } else {
            storage.write(NODE, StandardCharsets.US_ASCII.encode(node.name()));
        }
        saveHighestStart(Math.max(nowMillis, highestStart + 1));
        return new Run(node, highestStart);
    }

    /// Notes when another node began: the next run here must be younger.
    synchronized void heardStart(long startedAt) {
        if (startedAt > highestStart) {
            saveHighestStart(startedAt);
        }
    }

    private void saveHighestStart(long startedAt) {
        highestStart = startedAt;
        storage.write(HIGHEST_START, ByteBuffer.allocate(Long.BYTES).putLong(0, startedAt));
    }

    /// {@return the record of the cluster; empty on an empty disk}
    ///
    /// @throws ConfigurationException if the configuration contradicts it
    Optional<ClusterRecord> record(Founding wanted) {
        Optional<ClusterRecord> record = storage.read(ClusterRecord.NAME).map(this::decode);
        record.ifPresent(recorded -> {
            List<Difference> differences = recorded.founding().contradictedBy(wanted);
            if (!differences.isEmpty()) {
                requireSame(differences.getFirst());
            }
        });
        return record;
    }

    void save(ClusterRecord record) {
        storage.write(ClusterRecord.NAME, record.encode());
    }

    private ClusterRecord decode(ByteBuffer bytes) {
        try {
            return ClusterRecord.decode(bytes);
        } catch (MalformedMessageException e) {
            throw new StorageException(
                    StorageException.Kind.UNKNOWN_VERSION, e.getMessage() + ", in " + folder, e);
        }
    }

    private void requireSame(Difference difference) {
        if (!difference.wanted().equals(difference.recorded())) {
            throw new ConfigurationException(
                    key(difference.fact()),
                    difference.wanted(),
                    difference.recorded() + ", which the data in " + folder + " was made with");
        }
    }

    /// Members are the one fact that a provider's key says.
    private static String key(String fact) {
        return "ridgeline." + (fact.equals("members") ? "topology.static.members" : fact);
    }
}
