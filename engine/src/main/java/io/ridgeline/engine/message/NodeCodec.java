package io.ridgeline.engine.message;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.ExecuteAnswer;
import io.ridgeline.engine.message.NodeMessage.ExecuteForward;
import io.ridgeline.engine.message.NodeMessage.Heartbeat;
import io.ridgeline.engine.message.NodeMessage.OutdatedRun;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.event.MalformedTransactionException;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bodies of node messages: their fields in the order of their records.
final class NodeCodec {
    static final int FIRST_TYPE = 64;

    private static final int HEARTBEAT = 64;
    private static final int FORWARD = 65;
    private static final int ANSWER = 66;
    private static final int OUTDATED = 67;

    private static final int ANY = 0;
    private static final int NO_STREAM = 1;
    private static final int EXISTS = 2;
    private static final int EXACT = 3;

    /// The only kind of condition yet; an unknown one is refused, never ignored.
    private static final int STREAM_CONDITION = 1;

    private NodeCodec() {}

    static int encode(NodeMessage message, BytesWriter out) {
        return switch (message) {
            case Heartbeat heartbeat -> {
                out.varint(heartbeat.sequence());
                out.u64(heartbeat.echoRun());
                out.varint(heartbeat.echo());
                out.varint(heartbeat.versions().min());
                out.varint(heartbeat.versions().max());
                out.u64(heartbeat.diskStalledNanos());
                out.u8(heartbeat.complete() ? 1 : 0);
                out.varint(heartbeat.digest().size());
                for (DigestEntry entry : heartbeat.digest()) {
                    digest(entry, out);
                }
                yield HEARTBEAT;
            }
            case ExecuteForward forward -> {
                out.varint(forward.requestId());
                out.u32(forward.partition().value());
                out.varint(forward.hops());
                nodes(forward.tried(), out);
                out.varint(Math.max(0, forward.remainingNanos()));
                out.varint(forward.conditions().size());
                for (AppendCondition condition : forward.conditions()) {
                    condition(condition, out);
                }
                out.varint(forward.transaction().lengthBytes());
                out.raw(forward.transaction().payload());
                yield FORWARD;
            }
            case ExecuteAnswer answer -> {
                out.varint(answer.requestId());
                ResultCodec.encode(answer.result(), out);
                yield ANSWER;
            }
            case OutdatedRun(long newest) -> {
                out.u64(newest);
                yield OUTDATED;
            }
        };
    }

    static @Nullable Message decode(int type, BytesReader in) {
        return switch (type) {
            case HEARTBEAT -> {
                long sequence = in.size();
                long echoRun = in.u64();
                long echo = in.size();
                ProtocolVersions versions = versions(in.small(), in.small());
                long stalled = in.u64();
                boolean complete = in.flag();
                int count = in.count(11);
                List<DigestEntry> digest = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    digest.add(digest(in));
                }
                yield new Heartbeat(sequence, echoRun, echo, versions, stalled, complete, digest);
            }
            case FORWARD -> {
                long requestId = in.size();
                PartitionId partition = new PartitionId(in.u32());
                int hops = in.small();
                List<NodeId> tried = nodes(in);
                long remaining = in.size();
                int count = in.count(3);
                List<AppendCondition> conditions = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    conditions.add(condition(in));
                }
                yield new ExecuteForward(
                        requestId, partition, hops, tried, remaining, conditions, transaction(in));
            }
            case ANSWER -> new ExecuteAnswer(in.size(), ResultCodec.decode(in));
            case OUTDATED -> new OutdatedRun(in.u64());
            default -> null;
        };
    }

    private static ProtocolVersions versions(int min, int max) {
        try {
            return new ProtocolVersions(min, max);
        } catch (IllegalArgumentException e) {
            throw Codec.malformed(e);
        }
    }

    private static Transaction transaction(BytesReader in) {
        try {
            return Transaction.parse(in.raw(in.count(1)));
        } catch (MalformedTransactionException e) {
            throw Codec.malformed(e);
        }
    }

    private static void digest(DigestEntry entry, BytesWriter out) {
        out.u32(entry.partition().value());
        out.varint(entry.history());
        out.varint(entry.epoch());
        out.u8(entry.phase().code());
        Codec.position(entry.last(), out);
        Codec.position(entry.watermark(), out);
    }

    private static DigestEntry digest(BytesReader in) {
        return new DigestEntry(
                new PartitionId(in.u32()),
                in.small(),
                in.size(),
                Phase.of(in.u8()),
                Codec.position(in),
                Codec.position(in));
    }

    static void nodes(List<NodeId> nodes, BytesWriter out) {
        out.varint(nodes.size());
        for (NodeId node : nodes) {
            out.string(node.name());
        }
    }

    static List<NodeId> nodes(BytesReader in) {
        int count = in.count(2);
        List<NodeId> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            nodes.add(node(in.string()));
        }
        return nodes;
    }

    static NodeId node(String name) {
        try {
            return new NodeId(name);
        } catch (IllegalArgumentException e) {
            throw Codec.malformed(e);
        }
    }

    private static void condition(AppendCondition condition, BytesWriter out) {
        switch (condition) {
            case StreamCondition(StreamKey stream, Expectation expect) -> {
                out.u8(STREAM_CONDITION);
                stream(stream, out);
                expectation(expect, out);
            }
        }
    }

    private static AppendCondition condition(BytesReader in) {
        int kind = in.u8();
        if (kind != STREAM_CONDITION) {
            throw new MalformedMessageException("append condition of kind " + kind);
        }
        return new StreamCondition(stream(in), expectation(in));
    }

    static void stream(StreamKey stream, BytesWriter out) {
        out.string(stream.partitionKey());
        out.string(stream.stream());
    }

    static StreamKey stream(BytesReader in) {
        return new StreamKey(in.string(), in.string());
    }

    static void expectation(Expectation expectation, BytesWriter out) {
        switch (expectation) {
            case Expectation.Any _ -> out.u8(ANY);
            case Expectation.NoStream _ -> out.u8(NO_STREAM);
            case Expectation.StreamExists _ -> out.u8(EXISTS);
            case Expectation.ExactVersion(long version) -> {
                out.u8(EXACT);
                out.varint(version);
            }
        }
    }

    static Expectation expectation(BytesReader in) {
        int kind = in.u8();
        return switch (kind) {
            case ANY -> new Expectation.Any();
            case NO_STREAM -> new Expectation.NoStream();
            case EXISTS -> new Expectation.StreamExists();
            case EXACT -> new Expectation.ExactVersion(in.size());
            default -> throw new MalformedMessageException("expectation of kind " + kind);
        };
    }
}
