package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a member says of itself; only it can, since it signs it.
///
/// Layout, version 1, big-endian; a string is u8 length and UTF-8: u8 version; strings node,
/// identity, address, gossip host; u16 gossip port; u8 number of labels, each two strings; u64
/// startedAt; u64 incarnation; u8 number of fingerprints, each u64; u16 lowest and u16 highest
/// protocol version, missing from those that speak the first one only. What follows is kept for
/// later and skipped.
///
/// @param node its name
/// @param identity what the transport authenticates it by
/// @param address where its transport listens
/// @param gossip where it takes datagrams
/// @param labels for placement, sorted
/// @param startedAt when its run began, in milliseconds since 1970: the incarnation it began with
/// @param incarnation raised by its owner all the time, over restarts, too: the greater one is the
///   newer state, and one that stays as it is tells that its owner is silent
/// @param vote fingerprints of the members that it wants the cluster to be founded with, sorted;
///   empty before it has decided. Never changed once it is there
/// @param versions of the protocol between nodes that it speaks
record MemberState(
        NodeId node,
        String identity,
        String address,
        HostPort gossip,
        SortedMap<String, String> labels,
        long startedAt,
        long incarnation,
        List<Long> vote,
        ProtocolVersions versions) {
    private static final int VERSION = 1;
    private static final int STRING_BYTES_MAX = 255;

    MemberState {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        vote = List.copyOf(vote);
    }

    MemberState withIncarnation(long raised) {
        return new MemberState(
                node, identity, address, gossip, labels, startedAt, raised, vote, versions);
    }

    MemberState withVote(List<Long> decided) {
        return new MemberState(
                node, identity, address, gossip, labels, startedAt, incarnation, decided, versions);
    }

    /// {@return what two states of a member have in common if it only went on living}
    MemberState timeless() {
        return new MemberState(node, identity, address, gossip, labels, 0, 0, vote, versions);
    }

    /// {@return what stands for this member in a vote: a hash of what a cluster is founded on,
    /// which is names and labels. Not the identity: a host may have to get another one}
    long fingerprint() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        string(node.name(), out);
        putLabels(labels, out);
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(out.toByteArray()))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// {@return the bytes that are signed}
    ///
    /// @throws IllegalArgumentException if a text is too long
    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(VERSION);
        string(node.name(), out);
        string(identity, out);
        string(address, out);
        string(gossip.host(), out);
        out.writeBytes(ByteBuffer.allocate(2).putShort(0, (short) gossip.port()).array());
        putLabels(labels, out);
        out.writeBytes(ByteBuffer.allocate(16).putLong(startedAt).putLong(incarnation).array());
        out.write(vote.size());
        vote.forEach(each -> out.writeBytes(ByteBuffer.allocate(8).putLong(0, each).array()));
        out.writeBytes(
                ByteBuffer.allocate(4)
                        .putShort((short) versions.min())
                        .putShort((short) versions.max())
                        .array());
        return out.toByteArray();
    }

    private static void putLabels(Map<String, String> labels, ByteArrayOutputStream out) {
        out.write(labels.size());
        labels.forEach((key, value) -> {
            string(key, out);
            string(value, out);
        });
    }

    static void string(String value, ByteArrayOutputStream out) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > STRING_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" is longer than " + STRING_BYTES_MAX + " bytes");
        }
        out.write(utf8.length);
        out.writeBytes(utf8);
    }

    /// Reads what [#encode] made.
    ///
    /// @throws Dropped if it is none
    static MemberState decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            int version = in.get() & 0xFF;
            if (version != VERSION) {
                throw new Dropped(
                        Dropped.Cause.VERSION,
                        "a member's state of version " + version + ", known is " + VERSION);
            }
            NodeId node = new NodeId(string(in));
            String identity = string(in);
            String address = string(in);
            HostPort gossip = new HostPort(string(in), in.getShort() & 0xFFFF);
            SortedMap<String, String> labels = new TreeMap<>();
            int count = in.get() & 0xFF;
            for (int i = 0; i < count; i++) {
                labels.put(string(in), string(in));
            }
            long startedAt = in.getLong();
            long incarnation = in.getLong();
            List<Long> vote = new ArrayList<>();
            int votes = in.get() & 0xFF;
            for (int i = 0; i < votes; i++) {
                vote.add(in.getLong());
            }
            return new MemberState(
                    node,
                    identity,
                    address,
                    gossip,
                    labels,
                    startedAt,
                    incarnation,
                    vote,
                    versions(in));
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            throw new Dropped(Dropped.Cause.MALFORMED, "a member's state makes no sense");
        }
    }

    private static ProtocolVersions versions(ByteBuffer in) {
        return in.hasRemaining()
                ? new ProtocolVersions(in.getShort() & 0xFFFF, in.getShort() & 0xFFFF)
                : ProtocolVersions.FIRST;
    }

    static String string(ByteBuffer in) {
        byte[] utf8 = new byte[in.get() & 0xFF];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
