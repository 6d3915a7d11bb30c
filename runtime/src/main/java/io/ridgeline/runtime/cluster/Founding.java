package io.ridgeline.runtime.cluster;

import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.ClusterView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/// The facts that a cluster is founded on. Everything about where its data lies follows from them,
/// and so does its id: nodes that were founded on different facts refuse each other's messages by
/// construction.
///
/// Layout, version 1: u8 version, string cluster, varint partitions, varint buckets, varint
/// replicas, varint number of members, each a string name and a string zone.
///
/// @param cluster its name
/// @param partitions how many there are
/// @param buckets how many share them; 0 in a configuration that leaves it to the founders
/// @param replicas of a partition; more than there are members means all of them
/// @param members the founding ones, sorted by name
public record Founding(
        String cluster, int partitions, int buckets, int replicas, List<Founder> members) {
    private static final int VERSION = 1;

    /// More buckets than this help only with more processors than most nodes have.
    private static final int BUCKETS_ALONE_MAX = 4;

    public Founding {
        members = members.stream().sorted().toList();
    }

    /// {@return what a configuration would found a cluster on}
    ///
    /// @param view says who the founders are
    /// @param buckets 0 for as many as suit
    public static Founding of(
            String cluster, int partitions, int buckets, int replicas, ClusterView view) {
        return new Founding(
                cluster,
                partitions,
                Math.min(buckets, partitions),
                replicas,
                view.founders().stream()
                        .map(member ->
                                new Founder(
                                        member.node(),
                                        member.labels().getOrDefault(Founder.ZONE, "")))
                        .toList());
    }

    /// {@return the same with nothing left open}
    ///
    /// @param processors of this machine; count only for a node without others, since all members
    ///   must come to the same result
    public Founding settled(int processors) {
        int suitable = members.size() > 1 || processors < BUCKETS_ALONE_MAX ? 1 : BUCKETS_ALONE_MAX;
        return new Founding(
                cluster,
                partitions,
                buckets == 0 ? Math.min(suitable, partitions) : buckets,
                Math.min(replicas, members.size()),
                members);
    }

    /// {@return the id of the cluster that was founded on this}
    public UUID clusterId() {
        if (buckets == 0) {
            throw new IllegalStateException("the number of buckets is not settled");
        }
        ByteBuffer encoded = encode();
        byte[] name = new byte[encoded.remaining()];
        encoded.get(name);
        return UUID.nameUUIDFromBytes(name);
    }

    /// {@return what of a configuration contradicts these recorded facts. More members are none:
    /// they came later. Nor is a zone, which decides nothing any more}
    public List<Difference> contradictedBy(Founding wanted) {
        List<Difference> differences = new ArrayList<>();
        compare("cluster", wanted.cluster, cluster, differences);
        compare("partitions", wanted.partitions, partitions, differences);
        if (wanted.buckets != 0) {
            compare("buckets", wanted.buckets, buckets, differences);
        }
        compare("replicas", Math.min(wanted.replicas, members.size()), replicas, differences);
        if (!wanted.nodes().containsAll(nodes())) {
            compare("members", names(wanted), names(this), differences);
        }
        return differences;
    }

    private static void compare(
            String fact, Object wanted, Object recorded, List<Difference> differences) {
        if (!wanted.equals(recorded)) {
            differences.add(new Difference(fact, wanted.toString(), recorded.toString()));
        }
    }

    /// {@return where two foundings differ in anything}
    public List<Difference> differencesTo(Founding other) {
        List<Difference> differences = new ArrayList<>();
        compare("cluster", cluster, other.cluster, differences);
        compare("partitions", partitions, other.partitions, differences);
        compare("buckets", buckets, other.buckets, differences);
        compare("replicas", replicas, other.replicas, differences);
        compare("members", withZones(this), withZones(other), differences);
        return differences;
    }

    private static String names(Founding of) {
        return of.members.stream().map(each -> each.node().name()).collect(Collectors.joining(","));
    }

    private static String withZones(Founding of) {
        return of.members.stream()
                .map(each ->
                        each.zone().isEmpty()
                                ? each.node().name()
                                : each.node().name() + "(" + each.zone() + ")")
                .collect(Collectors.joining(","));
    }

    /// {@return the names of the members}
    public List<NodeId> nodes() {
        return members.stream().map(Founder::node).toList();
    }

    /// {@return the bytes; equal facts have equal ones}
    public ByteBuffer encode() {
        BytesWriter out = new BytesWriter(64 + 32 * members.size());
        out.u8(VERSION);
        out.string(cluster);
        out.varint(partitions);
        out.varint(buckets);
        out.varint(replicas);
        out.varint(members.size());
        for (Founder each : members) {
            out.string(each.node().name());
            out.string(each.zone());
        }
        return out.finish();
    }

    /// Reads what [#encode] made.
    ///
    /// @throws MalformedMessageException if it is none, or of a later version
    public static Founding decode(ByteBuffer bytes) {
        BytesReader in = new BytesReader(bytes);
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedMessageException(
                    "founding facts of version " + version + ", known is " + VERSION);
        }
        String cluster = in.string();
        int partitions = in.small();
        int buckets = in.small();
        int replicas = in.small();
        int count = in.count(3);
        List<Founder> members = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            members.add(new Founder(node(in.string()), in.string()));
        }
        return new Founding(cluster, partitions, buckets, replicas, members);
    }

    static NodeId node(String name) {
        try {
            return new NodeId(name);
        } catch (IllegalArgumentException e) {
            MalformedMessageException failure =
                    new MalformedMessageException(String.valueOf(e.getMessage()));
            failure.initCause(e);
            throw failure;
        }
    }
}
