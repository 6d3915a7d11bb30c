package io.ridgeline.runtime.cluster;

import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.Run;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a node says of itself on every connection, before the engine says anything: which run it
/// is, where clients reach it, and which cluster it belongs to or would found.
///
/// Layout, version 1, big-endian: u8 `0x52`, which no frame of the engine begins with; u8 version;
/// string node, u64 startedAt, string client address, varint length and founding facts, varint
/// length and record, 0 without one; varint lowest and varint highest protocol version, missing
/// from nodes that speak the first one only. What follows is kept for later and skipped.
///
/// Whatever versions a node speaks, its hello begins like this up to the versions, so that those
/// who share none can say so.
///
/// @param run of the sender
/// @param clientAddress where clients reach it, host:port
/// @param versions of the protocol that it speaks
/// @param founding what its record says or, without one, what its configuration would found
/// @param record null while it has none
public record Hello(
        Run run,
        String clientAddress,
        ProtocolVersions versions,
        Founding founding,
        @Nullable ClusterRecord record) {
    private static final int KIND = 0x52;
    private static final int VERSION = 1;

    /// {@return whether a message is one, rather than a frame of the engine}
    public static boolean isOne(ByteBuffer message) {
        return message.hasRemaining() && (message.get(message.position()) & 0xFF) == KIND;
    }

    /// {@return the message}
    public ByteBuffer encode() {
        BytesWriter out = new BytesWriter(1_024);
        out.u8(KIND);
        out.u8(VERSION);
        out.string(run.node().name());
        out.u64(run.startedAt());
        out.string(clientAddress);
        part(founding.encode(), out);
        part(record == null ? ByteBuffer.allocate(0) : record.encode(), out);
        out.varint(versions.min());
        out.varint(versions.max());
        return out.finish();
    }

    private static void part(ByteBuffer bytes, BytesWriter out) {
        out.varint(bytes.remaining());
        out.raw(bytes);
    }

    /// {@return which versions its sender speaks; reads nothing of what may differ between
    /// versions}
    ///
    /// @throws MalformedMessageException if it is none
    public static ProtocolVersions versions(ByteBuffer message) {
        BytesReader in = begin(message);
        in.string();
        in.u64();
        in.string();
        in.raw(in.count(1));
        in.raw(in.count(1));
        return versions(in);
    }

    private static ProtocolVersions versions(BytesReader in) {
        if (in.remaining() == 0) {
            return ProtocolVersions.FIRST;
        }
        int min = in.small();
        int max = in.small();
        try {
            return new ProtocolVersions(min, max);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(String.valueOf(e.getMessage()));
        }
    }

    /// Reads what [#encode] made.
    ///
    /// @throws MalformedMessageException if it is none, or of another version
    public static Hello decode(ByteBuffer message) {
        BytesReader in = begin(message);
        NodeId node = Founding.node(in.string());
        Run run = new Run(node, in.u64());
        String clientAddress = in.string();
        Founding founding = Founding.decode(in.raw(in.count(1)));
        ByteBuffer record = in.raw(in.count(1));
        return new Hello(
                run,
                clientAddress,
                versions(in),
                founding,
                record.hasRemaining() ? ClusterRecord.decode(record) : null);
    }

    private static BytesReader begin(ByteBuffer message) {
        BytesReader in = new BytesReader(message.slice());
        int kind = in.u8();
        int version = in.u8();
        if (kind != KIND || version != VERSION) {
            throw new MalformedMessageException(
                    "hello of kind " + kind + " and version " + version + ", known is " + VERSION);
        }
        return in;
    }
}
