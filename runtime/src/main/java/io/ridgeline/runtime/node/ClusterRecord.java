package io.ridgeline.runtime.node;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Slots;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/// What was settled when the data was made, and can never be another afterwards: moving a slot or a
/// partition silently would lose its events from sight.
///
/// Layout, version 1, big-endian: u32 magic, u32 CRC32C of the rest, u16 version, 16 bytes cluster
/// id, u8 length and node name, u16 buckets, u32 partitions, for each u32 partition and u16 bucket,
/// u32 runs of slots, for each u32 partition and u32 number of slots.
final class ClusterRecord {
    /// The name under which storages keep it.
    static final String NAME = "cluster";

    private static final int MAGIC = 0x52_4C_43_31;
    private static final int VERSION = 1;

    private final UUID clusterId;
    private final String node;
    private final int buckets;
    private final SortedMap<PartitionId, Integer> bucketOfPartition;
    private final int[] partitionOfSlot;

    private ClusterRecord(
            UUID clusterId,
            String node,
            int buckets,
            SortedMap<PartitionId, Integer> bucketOfPartition,
            int[] partitionOfSlot) {
        this.clusterId = clusterId;
        this.node = node;
        this.buckets = buckets;
        this.bucketOfPartition = bucketOfPartition;
        this.partitionOfSlot = partitionOfSlot;
    }

    /// {@return the record of new data: slots in equal runs, partitions dealt to buckets in turn}
    static ClusterRecord initial(UUID clusterId, String node, int partitions, int buckets) {
        SortedMap<PartitionId, Integer> bucketOf = new TreeMap<>();
        for (int i = 0; i < partitions; i++) {
            bucketOf.put(new PartitionId(i), i % buckets);
        }
        int[] slots = new int[Slots.COUNT];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = (int) ((long) slot * partitions / Slots.COUNT);
        }
        return new ClusterRecord(clusterId, node, buckets, bucketOf, slots);
    }

    /// Reads what [#encode] made.
    ///
    /// @throws IllegalArgumentException if the bytes are none, or of a later version
    static ClusterRecord decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.slice();
        if (in.remaining() < 10 || in.getInt() != MAGIC) {
            throw new IllegalArgumentException("no record of a cluster");
        }
        int checksum = in.getInt();
        if (checksum != checksum(in.slice())) {
            throw new IllegalArgumentException("the record of the cluster is damaged");
        }
        int version = in.getShort();
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "the record of the cluster has version " + version + ", known is " + VERSION);
        }
        UUID clusterId = new UUID(in.getLong(), in.getLong());
        byte[] node = new byte[in.get() & 0xFF];
        in.get(node);
        int buckets = in.getShort() & 0xFFFF;
        SortedMap<PartitionId, Integer> bucketOf = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            bucketOf.put(new PartitionId(in.getInt()), in.getShort() & 0xFFFF);
        }
        int[] slots = new int[Slots.COUNT];
        int slot = 0;
        for (int left = in.getInt(); left > 0; left--) {
            int partition = in.getInt();
            int end = slot + in.getInt();
            Arrays.fill(slots, slot, end, partition);
            slot = end;
        }
        if (slot != Slots.COUNT) {
            throw new IllegalArgumentException("the record of the cluster has " + slot + " slots");
        }
        return new ClusterRecord(
                clusterId, new String(node, StandardCharsets.US_ASCII), buckets, bucketOf, slots);
    }

    ByteBuffer encode() {
        int runs = 1;
        for (int slot = 1; slot < Slots.COUNT; slot++) {
            runs += partitionOfSlot[slot] == partitionOfSlot[slot - 1] ? 0 : 1;
        }
        byte[] name = node.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out =
                ByteBuffer.allocate(64 + name.length + 6 * bucketOfPartition.size() + 8 * runs);
        out.putInt(MAGIC).putInt(0).putShort((short) VERSION);
        out.putLong(clusterId.getMostSignificantBits());
        out.putLong(clusterId.getLeastSignificantBits());
        out.put((byte) name.length).put(name);
        out.putShort((short) buckets);
        out.putInt(bucketOfPartition.size());
        bucketOfPartition.forEach(
                (partition, bucket) -> out.putInt(partition.value()).putShort(bucket.shortValue()));
        out.putInt(runs);
        int begun = 0;
        for (int slot = 1; slot <= Slots.COUNT; slot++) {
            if (slot == Slots.COUNT || partitionOfSlot[slot] != partitionOfSlot[begun]) {
                out.putInt(partitionOfSlot[begun]).putInt(slot - begun);
                begun = slot;
            }
        }
        out.flip();
        out.putInt(4, checksum(out.slice(8, out.limit() - 8)));
        return out;
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    UUID clusterId() {
        return clusterId;
    }

    String node() {
        return node;
    }

    int buckets() {
        return buckets;
    }

    /// Partitions, sorted, with the bucket of each.
    SortedMap<PartitionId, Integer> bucketOfPartition() {
        return bucketOfPartition;
    }

    PartitionId partitionOfSlot(int slot) {
        return new PartitionId(partitionOfSlot[slot]);
    }
}
