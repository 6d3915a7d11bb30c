package io.ridgeline.engine;

/// Every queue and buffer of a shard has one.
///
/// @param pendingEntriesMax ordered writes of a partition whose fate is not known yet
/// @param pendingBytesMax bytes of these
/// @param waitingMax answers of a partition that wait for a round or the watermark: conflicts,
///   repeats, reads; also writes that are held during a transfer
/// @param forwardedMax requests of the shard that other nodes are asked to execute
/// @param transactionBytesMax a transaction, encoded
/// @param replicateBytesMax entries in one ReplicateWrite; one entry may be larger
/// @param windowBytesMax sent to one replica of a partition and not acknowledged yet
/// @param windowEntriesMax as before, in entries; a replica that is behind by more is lagging
/// @param pageBytesMax entries in one page for a lagging replica; one entry may be larger
/// @param bulkBytesPerTurnMax pages that a shard serves in one turn
/// @param bufferEntriesMax entries that wait in a partition's write buffer
/// @param bufferBytesMax bytes of these
/// @param frameBytesMax one message to a peer, if no single part of it is larger
/// @param digestEntriesMax partitions in one heartbeat
/// @param hopsMax how often a request is forwarded
/// @param behindEntriesMax a candidate that is further behind the best log passes its turn
/// @param epochStepMax an epoch further above the promised one is refused as a bug or an attack
public record Limits(
        int pendingEntriesMax,
        long pendingBytesMax,
        int waitingMax,
        int forwardedMax,
        int transactionBytesMax,
        int replicateBytesMax,
        long windowBytesMax,
        int windowEntriesMax,
        int pageBytesMax,
        long bulkBytesPerTurnMax,
        int bufferEntriesMax,
        long bufferBytesMax,
        int frameBytesMax,
        int digestEntriesMax,
        int hopsMax,
        long behindEntriesMax,
        long epochStepMax) {

    /// Limits that suit a node with 256 MB of heap.
    public static final Limits DEFAULT =
            new Limits(
                    8_192, 16L << 20, 8_192, 8_192, 4 << 20, 512 << 10, 8L << 20, 16_384, 256 << 10,
                    1L << 20, 8_192, 8L << 20, 2 << 20, 2_000, 3, 50_000, 1L << 32);
}
