package io.ridgeline.runtime.cluster;

import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Slots;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/// What was settled when the cluster was founded, the same bytes on all of its nodes. It can never
/// be another afterwards: moving a slot or a partition silently would lose its events from sight.
///
/// Layout, version 2, big-endian: u32 magic, u32 CRC32C of the rest, u16 version, 16 bytes cluster
/// id, varint length and founding facts, varint number of partitions, for each u32 partition,
/// varint bucket, varint number of replicas and each as varint place among the founding members;
/// varint number of runs of slots, for each u32 partition and varint number of slots.
public final class ClusterRecord {
    /// The name under which storages keep it.
    public static final String NAME = "cluster";

    private static final int MAGIC = 0x52_4C_43_31;
    private static final int VERSION = 2;
    private static final int CHECKED_FROM = 8;

    private final UUID clusterId;
    private final Founding founding;
    private final SortedMap<PartitionId, Placement> placements;
    private final int[] partitionOfSlot;

    /// Where a partition is.
    ///
    /// @param bucket which files and thread it shares with others, on each of its nodes
    /// @param replicas the nodes, in order of preference
    public record Placement(int bucket, List<NodeId> replicas) {
        public Placement {
            replicas = List.copyOf(replicas);
        }
    }

    private ClusterRecord(
            UUID clusterId,
            Founding founding,
            SortedMap<PartitionId, Placement> placements,
            int[] partitionOfSlot) {
        this.clusterId = clusterId;
        this.founding = founding;
        this.placements = Collections.unmodifiableSortedMap(placements);
        this.partitionOfSlot = partitionOfSlot;
    }

    /// {@return the record of a new cluster: slots in equal runs, partitions dealt to buckets in
    /// turn}
    ///
    /// @param founding settled
    public static ClusterRecord initial(Founding founding) {
        int partitions = founding.partitions();
        List<List<NodeId>> assigned = Assignment.of(founding);
        SortedMap<PartitionId, Placement> placements = new TreeMap<>();
        for (int i = 0; i < partitions; i++) {
            placements.put(
                    new PartitionId(i), new Placement(i % founding.buckets(), assigned.get(i)));
        }
        int[] slots = new int[Slots.COUNT];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = (int) ((long) slot * partitions / Slots.COUNT);
        }
        return new ClusterRecord(founding.clusterId(), founding, placements, slots);
    }

    /// Reads what [#encode] made.
    ///
    /// @throws MalformedMessageException if the bytes are none, or of another version
    public static ClusterRecord decode(ByteBuffer bytes) {
        ByteBuffer whole = bytes.slice();
        if (whole.remaining() < CHECKED_FROM + 2 || whole.getInt() != MAGIC) {
            throw new MalformedMessageException("no record of a cluster");
        }
        if (whole.getInt() != checksum(whole.slice())) {
            throw new MalformedMessageException("the record of the cluster is damaged");
        }
        int version = whole.getShort();
        if (version != VERSION) {
            throw new MalformedMessageException(
                    "the record of the cluster has version " + version + ", known is " + VERSION);
        }
        BytesReader in = new BytesReader(whole.slice());
        UUID clusterId = in.uuid();
        Founding founding = Founding.decode(in.raw(in.count(1)));
        List<NodeId> nodes = founding.nodes();
        SortedMap<PartitionId, Placement> placements = new TreeMap<>();
        for (int left = in.count(7); left > 0; left--) {
            PartitionId partition = new PartitionId(in.u32());
            placements.put(partition, new Placement(bucket(in, founding), replicas(in, nodes)));
        }
        return new ClusterRecord(clusterId, founding, placements, slots(in, placements));
    }

    private static int bucket(BytesReader in, Founding founding) {
        int bucket = in.small();
        if (bucket >= founding.buckets()) {
            throw new MalformedMessageException(
                    "bucket " + bucket + " of " + founding.buckets() + " buckets");
        }
        return bucket;
    }

    private static List<NodeId> replicas(BytesReader in, List<NodeId> nodes) {
        int count = in.count(1);
        List<NodeId> replicas = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int place = in.small();
            if (place >= nodes.size()) {
                throw new MalformedMessageException("member " + place + " of " + nodes.size());
            }
            replicas.add(nodes.get(place));
        }
        return replicas;
    }

    private static int[] slots(BytesReader in, SortedMap<PartitionId, Placement> placements) {
        int[] slots = new int[Slots.COUNT];
        int slot = 0;
        for (int left = in.count(5); left > 0; left--) {
            int partition = in.u32();
            long end = (long) slot + in.small();
            if (end > Slots.COUNT || !placements.containsKey(new PartitionId(partition))) {
                throw new MalformedMessageException("slots up to " + end + " in " + partition);
            }
            Arrays.fill(slots, slot, (int) end, partition);
            slot = (int) end;
        }
        if (slot != Slots.COUNT) {
            throw new MalformedMessageException("the record of the cluster has " + slot + " slots");
        }
        return slots;
    }

    /// {@return the bytes}
    public ByteBuffer encode() {
        BytesWriter out = new BytesWriter(1_024 + 16 * placements.size());
        out.u32(MAGIC);
        out.u32(0);
        out.u8(0);
        out.u8(VERSION);
        out.uuid(clusterId);
        ByteBuffer facts = founding.encode();
        out.varint(facts.remaining());
        out.raw(facts);
        List<NodeId> nodes = founding.nodes();
        out.varint(placements.size());
        placements.forEach((partition, placement) -> {
            out.u32(partition.value());
            out.varint(placement.bucket());
            out.varint(placement.replicas().size());
            placement.replicas().forEach(node -> out.varint(nodes.indexOf(node)));
        });
        encodeSlots(out);
        ByteBuffer bytes = out.finish();
        int length = bytes.remaining();
        bytes.putInt(4, checksum(bytes.slice(CHECKED_FROM, length - CHECKED_FROM)));
        return bytes;
    }

    private void encodeSlots(BytesWriter out) {
        List<int[]> runs = new ArrayList<>();
        int begun = 0;
        for (int slot = 1; slot <= Slots.COUNT; slot++) {
            if (slot == Slots.COUNT || partitionOfSlot[slot] != partitionOfSlot[begun]) {
                runs.add(new int[] {partitionOfSlot[begun], slot - begun});
                begun = slot;
            }
        }
        out.varint(runs.size());
        for (int[] run : runs) {
            out.u32(run[0]);
            out.varint(run[1]);
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /// {@return the id that every message of the cluster names}
    public UUID clusterId() {
        return clusterId;
    }

    /// {@return what it was founded on}
    public Founding founding() {
        return founding;
    }

    /// {@return how many buckets there are}
    public int buckets() {
        return founding.buckets();
    }

    /// {@return the partitions, sorted, with where they are}
    public SortedMap<PartitionId, Placement> placements() {
        return placements;
    }

    /// {@return the partition that holds a slot}
    public PartitionId partitionOfSlot(int slot) {
        return new PartitionId(partitionOfSlot[slot]);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterRecord record && encode().equals(record.encode());
    }

    @Override
    public int hashCode() {
        return clusterId.hashCode();
    }
}
