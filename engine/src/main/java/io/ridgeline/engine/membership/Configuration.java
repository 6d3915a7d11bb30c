package io.ridgeline.engine.membership;

import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.quorum.Quorum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The payload of an entry of kind configuration: who counts, and how many of them are needed.
/// Always in full.
///
/// Layout, version 1: varint number of members, each a string and 16 bytes of storage id; varint W,
/// varint T, varint protocol version; varint number of slot ranges, 0; varint number of parents, 0.
/// What follows is kept for later and skipped.
///
/// @param members sorted by node
public record Configuration(List<Member> members, Quorum quorum, int protocolVersion) {
    private static final int VERSION = 1;

    public Configuration {
        members = members.stream().sorted(Comparator.comparing(Member::node)).toList();
        if (members.size() != quorum.replicas()) {
            throw new IllegalArgumentException(
                    members.size() + " members with a quorum of " + quorum.replicas());
        }
    }

    /// {@return the storage id under which a node counts, or null}
    public @Nullable UUID storageId(NodeId node) {
        for (Member member : members) {
            if (member.node().equals(node)) {
                return member.storageId();
            }
        }
        return null;
    }

    /// {@return whether a node counts under a storage id}
    public boolean names(NodeId node, UUID storageId) {
        return storageId.equals(storageId(node));
    }

    /// {@return the same, with another storage id for a node}
    public Configuration readmitting(NodeId node, UUID storageId) {
        List<Member> changed = new ArrayList<>(members);
        changed.replaceAll(
                member -> member.node().equals(node) ? new Member(node, storageId) : member);
        return new Configuration(changed, quorum, protocolVersion);
    }

    /// {@return the same members with another quorum}
    public Configuration withQuorum(Quorum other) {
        return new Configuration(members, other, protocolVersion);
    }

    /// {@return the payload}
    public ByteBuffer encode() {
        BytesWriter out = new BytesWriter(64 + members.size() * 48);
        out.u8(VERSION);
        out.varint(members.size());
        for (Member member : members) {
            out.string(member.node().name());
            out.uuid(member.storageId());
        }
        out.varint(quorum.write());
        out.varint(quorum.takeover());
        out.varint(protocolVersion);
        out.varint(0);
        out.varint(0);
        return out.finish();
    }

    /// {@return what a payload says}
    ///
    /// @throws MalformedMessageException if it is none, or of an unknown version
    public static Configuration decode(ByteBuffer payload) {
        BytesReader in = new BytesReader(payload);
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedMessageException(
                    "configuration version " + version + ", known is " + VERSION);
        }
        int count = in.count(18);
        List<Member> members = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            members.add(new Member(new NodeId(in.string()), in.uuid()));
        }
        Quorum quorum = new Quorum(count, in.small(), in.small());
        return new Configuration(members, quorum, in.small());
    }
}
