package io.ridgeline.engine.message;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Appended;
import io.ridgeline.engine.AppendResult.Discarded;
import io.ridgeline.engine.AppendResult.EventIdConflict;
import io.ridgeline.engine.AppendResult.Indeterminate;
import io.ridgeline.engine.AppendResult.NotCoordinator;
import io.ridgeline.engine.AppendResult.Overloaded;
import io.ridgeline.engine.AppendResult.QuorumUnavailable;
import io.ridgeline.engine.AppendResult.Stopped;
import io.ridgeline.engine.AppendResult.Stopping;
import io.ridgeline.engine.AppendResult.StorageFull;
import io.ridgeline.engine.AppendResult.TooLarge;
import io.ridgeline.engine.AppendResult.UnknownPartition;
import io.ridgeline.engine.AppendResult.VersionConflict;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Append results: u8 kind, u32 partition, then the fields in the order of their records.
final class ResultCodec {
    private static final List<EventIdConflict.Reason> REASONS =
            List.of(
                    EventIdConflict.Reason.OTHER_CONTENT,
                    EventIdConflict.Reason.MIXED,
                    EventIdConflict.Reason.REPEATED_IN_TRANSACTION,
                    EventIdConflict.Reason.OTHER_ORDER);
    private static final List<Indeterminate.Cause> CAUSES =
            List.of(
                    Indeterminate.Cause.TIMEOUT,
                    Indeterminate.Cause.DEPOSED,
                    Indeterminate.Cause.STORAGE_FAILED,
                    Indeterminate.Cause.CONNECTION_LOST,
                    Indeterminate.Cause.STOPPING,
                    Indeterminate.Cause.PARTITION_STOPPED);

    private ResultCodec() {}

    static void encode(AppendResult result, BytesWriter out) {
        int start = out.position();
        out.u8(0);
        out.u32(result.partition().value());
        int kind =
                switch (result) {
                    case Appended appended -> {
                        out.varint(appended.history());
                        out.varint(appended.firstSequence());
                        out.varint(appended.lastSequence());
                        out.varint(appended.streams().size());
                        for (StreamVersions stream : appended.streams()) {
                            NodeCodec.stream(stream.stream(), out);
                            out.varint(stream.firstVersion());
                            out.varint(stream.lastVersion());
                        }
                        out.u8(appended.duplicate() ? 1 : 0);
                        yield 1;
                    }
                    case VersionConflict conflict -> {
                        NodeCodec.stream(conflict.stream(), out);
                        NodeCodec.expectation(conflict.expected(), out);
                        out.u64(conflict.currentVersion());
                        yield 2;
                    }
                    case EventIdConflict conflict -> {
                        out.uuid(conflict.id());
                        out.u8(REASONS.indexOf(conflict.reason()));
                        yield 3;
                    }
                    case NotCoordinator not -> {
                        NodeId coordinator = not.coordinator();
                        out.string(coordinator == null ? "" : coordinator.name());
                        out.varint(not.epoch());
                        NodeCodec.nodes(not.tried(), out);
                        yield 4;
                    }
                    case QuorumUnavailable unavailable -> {
                        out.varint(unavailable.needed());
                        out.varint(unavailable.reachable());
                        yield 5;
                    }
                    case Overloaded overloaded -> {
                        out.string(overloaded.limit());
                        out.varint(overloaded.retryAfterNanos());
                        yield 6;
                    }
                    case StorageFull _ -> 7;
                    case TooLarge tooLarge -> {
                        out.varint(tooLarge.bytes());
                        out.varint(tooLarge.bytesMax());
                        yield 8;
                    }
                    case UnknownPartition _ -> 9;
                    case Stopping _ -> 10;
                    case Stopped stopped -> {
                        out.string(stopped.reason());
                        yield 11;
                    }
                    case Discarded _ -> 12;
                    case Indeterminate indeterminate -> {
                        out.u8(CAUSES.indexOf(indeterminate.cause()));
                        yield 13;
                    }
                };
        out.u8At(start, kind);
    }

    static AppendResult decode(BytesReader in) {
        int kind = in.u8();
        PartitionId partition = new PartitionId(in.u32());
        return switch (kind) {
            case 1 -> {
                int history = in.small();
                long first = in.size();
                long last = in.size();
                int count = in.count(4);
                List<StreamVersions> streams = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    streams.add(new StreamVersions(NodeCodec.stream(in), in.size(), in.size()));
                }
                yield new Appended(partition, history, first, last, streams, in.flag());
            }
            case 2 ->
                    new VersionConflict(
                            partition, NodeCodec.stream(in), NodeCodec.expectation(in), in.u64());
            case 3 -> new EventIdConflict(partition, in.uuid(), of(REASONS, in.u8()));
            case 4 -> {
                String name = in.string();
                @Nullable NodeId node = name.isEmpty() ? null : NodeCodec.node(name);
                yield new NotCoordinator(partition, node, in.size(), NodeCodec.nodes(in));
            }
            case 5 -> new QuorumUnavailable(partition, in.small(), in.small());
            case 6 -> new Overloaded(partition, in.string(), in.size());
            case 7 -> new StorageFull(partition);
            case 8 -> new TooLarge(partition, in.size(), in.size());
            case 9 -> new UnknownPartition(partition);
            case 10 -> new Stopping(partition);
            case 11 -> new Stopped(partition, in.string());
            case 12 -> new Discarded(partition);
            case 13 -> new Indeterminate(partition, of(CAUSES, in.u8()));
            default -> throw new MalformedMessageException("result of kind " + kind);
        };
    }

    private static <T> T of(List<T> values, int code) {
        if (code >= values.size()) {
            throw new MalformedMessageException("code " + code + " of " + values);
        }
        return values.get(code);
    }
}
