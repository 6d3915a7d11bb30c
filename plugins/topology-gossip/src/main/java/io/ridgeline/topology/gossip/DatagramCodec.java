package io.ridgeline.topology.gossip;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes and reads datagrams. What one node knows is spread over as many as it takes; each makes
/// sense by itself, so that a lost one costs the states in it until the next exchange.
///
/// Layout, version 1, big-endian: u16 `0x5247`, u8 version, u8 flags (1: the sender asks for what
/// the receiver knows; 2: a code follows at the end), u8 length and name of the cluster; then
/// states, each u16 length and bytes, u8 length and signature; then, if flagged, the HMAC-SHA256 of
/// all that with the cluster key. In a datagram that asks, the first state is the sender's own.
final class DatagramCodec {
    /// The largest datagram: it crosses networks without being cut to pieces.
    static final int BYTES_MAX = 1_200;

    private static final int MAGIC = 0x5247;
    private static final int VERSION = 1;
    private static final int ASKS = 1;
    private static final int CODED = 2;
    private static final int STATE_OVERHEAD_BYTES = 3;

    private final String cluster;
    private final @Nullable ClusterKey key;

    /// @param key null if datagrams carry no code
    DatagramCodec(String cluster, @Nullable ClusterKey key) {
        this.cluster = cluster;
        this.key = key;
    }

    /// What came in.
    ///
    /// @param asks whether the sender wants an answer
    /// @param states none of them verified
    record Datagram(boolean asks, List<SignedState> states) {}

    /// {@return the most that the bytes of a state and its signature may be}
    int stateBytesMax() {
        return BYTES_MAX - head(0).size() - STATE_OVERHEAD_BYTES - codeBytes();
    }

    private int codeBytes() {
        return key == null ? 0 : ClusterKey.CODE_BYTES;
    }

    private ByteArrayOutputStream head(int flags) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(BYTES_MAX);
        out.writeBytes(ByteBuffer.allocate(2).putShort(0, (short) MAGIC).array());
        out.write(VERSION);
        out.write(flags | (key == null ? 0 : CODED));
        MemberState.string(cluster, out);
        return out;
    }

    /// {@return datagrams with all of the states, in that order}
    ///
    /// @param asks whether the first one asks for an answer
    List<byte[]> encode(List<SignedState> states, boolean asks) {
        List<byte[]> datagrams = new ArrayList<>();
        ByteArrayOutputStream out = head(asks ? ASKS : 0);
        int empty = out.size();
        for (SignedState each : states) {
            byte[] bytes = each.bytes();
            byte[] signature = each.signature();
            int size = STATE_OVERHEAD_BYTES + bytes.length + signature.length;
            if (out.size() + size + codeBytes() > BYTES_MAX && out.size() > empty) {
                datagrams.add(finish(out));
                out = head(0);
            }
            out.writeBytes(ByteBuffer.allocate(2).putShort(0, (short) bytes.length).array());
            out.writeBytes(bytes);
            out.write(signature.length);
            out.writeBytes(signature);
        }
        datagrams.add(finish(out));
        return datagrams;
    }

    private byte[] finish(ByteArrayOutputStream out) {
        if (key != null) {
            byte[] content = out.toByteArray();
            out.writeBytes(key.code(content, content.length));
        }
        return out.toByteArray();
    }

    /// Reads a datagram.
    ///
    /// @param bytes may be longer than the datagram
    /// @throws Dropped if it is not one of this cluster
    Datagram decode(byte[] bytes, int length) {
        if (length > BYTES_MAX) {
            throw new Dropped(Dropped.Cause.OVERSIZED, "more than " + BYTES_MAX + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
        try {
            if ((in.getShort() & 0xFFFF) != MAGIC) {
                throw new Dropped(Dropped.Cause.MALFORMED, "not gossip");
            }
            int version = in.get() & 0xFF;
            if (version != VERSION) {
                throw new Dropped(
                        Dropped.Cause.VERSION,
                        "datagram of version " + version + ", known is " + VERSION);
            }
            int flags = in.get() & 0xFF;
            requireCode(bytes, length, (flags & CODED) != 0);
            in.limit(length - codeBytes());
            String named = MemberState.string(in);
            if (!named.equals(cluster)) {
                throw new Dropped(
                        Dropped.Cause.CLUSTER,
                        "it is of cluster \"" + named + "\", this one is of \"" + cluster + "\"");
            }
            List<SignedState> states = new ArrayList<>();
            while (in.hasRemaining()) {
                byte[] state = new byte[bounded(in.getShort() & 0xFFFF, in)];
                in.get(state);
                byte[] signature = new byte[bounded(in.get() & 0xFF, in)];
                in.get(signature);
                states.add(new SignedState(state, signature));
            }
            return new Datagram((flags & ASKS) != 0, states);
        } catch (BufferUnderflowException _) {
            throw new Dropped(Dropped.Cause.MALFORMED, "it ends early");
        }
    }

    private void requireCode(byte[] bytes, int length, boolean coded) {
        if (coded && key == null) {
            throw new Dropped(
                    Dropped.Cause.KEY,
                    "it was sent with a cluster key, this node has none: set"
                            + " ridgeline.topology.gossip.cluster-key-file on all nodes or on none");
        }
        if (key == null) {
            return;
        }
        if (!coded) {
            throw new Dropped(
                    Dropped.Cause.KEY,
                    "it was sent without a cluster key: set"
                            + " ridgeline.topology.gossip.cluster-key-file on all nodes");
        }
        int content = length - ClusterKey.CODE_BYTES;
        if (content < 4 || !key.fits(bytes, content)) {
            throw new Dropped(
                    Dropped.Cause.KEY,
                    "it was sent with another cluster key: all nodes must have the same file");
        }
    }

    /// Nothing is allocated that the bytes that are there do not justify.
    private static int bounded(int count, ByteBuffer in) {
        if (count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }
}
