package io.ridgeline.engine.message;

import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.MemoryLost;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.engine.message.PartitionMessage.RoundRequest;
import io.ridgeline.engine.message.PartitionMessage.Superseded;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRefusal;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.message.PartitionMessage.TransferConsent;
import io.ridgeline.engine.message.PartitionMessage.TurnPassed;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.MalformedTransactionException;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The bodies of partition messages: the header (u32 partition, varint history, varint epoch, 16
/// bytes storage id), then the fields in the order of their records. Positions are two varints,
/// entries a varint count and their own encoding.
final class Codec {
    private static final int WRITE = 1;
    private static final int ACK = 2;
    private static final int REFUSAL = 3;
    private static final int SUPERSEDED = 4;
    private static final int CONFIRM = 5;
    private static final int SYNC_REQUEST = 6;
    private static final int SYNC_RESPONSE = 7;
    private static final int POLL_REQUEST = 8;
    private static final int POLL_ANSWER = 9;
    private static final int TAKEOVER_REQUEST = 10;
    private static final int TAKEOVER_PROMISE = 11;
    private static final int TAKEOVER_REFUSAL = 12;
    private static final int TURN_PASSED = 13;
    private static final int TRANSFER_CONSENT = 14;
    private static final int ROUND_REQUEST = 15;
    private static final int ROUND_ANSWER = 16;
    private static final int MEMORY_LOST = 17;

    private Codec() {}

    /// Writes the body.
    ///
    /// @return the type
    static int encode(Message message, BytesWriter out) {
        return switch (message) {
            case PartitionMessage about -> {
                header(about.header(), out);
                yield body(about, out);
            }
            case NodeMessage between -> NodeCodec.encode(between, out);
        };
    }

    private static void header(Header header, BytesWriter out) {
        out.u32(header.partition().value());
        out.varint(header.history());
        out.varint(header.epoch());
        out.uuid(header.storageId());
    }

    private static int body(PartitionMessage message, BytesWriter out) {
        return switch (message) {
            case ReplicateWrite(_, LogPosition previous, LogPosition mark, List<Entry> entries) -> {
                position(previous, out);
                position(mark, out);
                entries(entries, out);
                yield WRITE;
            }
            case ReplicateWriteAck(_, long durableIndex, long endIndex) -> {
                out.varint(durableIndex);
                out.varint(endIndex);
                yield ACK;
            }
            case ReplicateRefusal(_, long previousIndex, LogPosition last, long conflict) -> {
                out.varint(previousIndex);
                position(last, out);
                out.varint(conflict);
                yield REFUSAL;
            }
            case Superseded(_, long refusedEpoch) -> {
                out.varint(refusedEpoch);
                yield SUPERSEDED;
            }
            case ConfirmTransaction(_, LogPosition watermark) -> {
                position(watermark, out);
                yield CONFIRM;
            }
            case PartitionSyncRequest(_, Purpose purpose, LogPosition previous, long last) -> {
                out.u8(purpose.code());
                position(previous, out);
                out.varint(last);
                yield SYNC_REQUEST;
            }
            case PartitionSyncResponse page -> {
                out.u8(page.purpose().code());
                position(page.previous(), out);
                out.u8(page.matches() ? 1 : 0);
                out.varint(page.conflictIndex());
                position(page.sourceLast(), out);
                position(page.confirmed(), out);
                entries(page.entries(), out);
                yield SYNC_RESPONSE;
            }
            case PollRequest(_, long nonce) -> {
                out.u64(nonce);
                yield POLL_REQUEST;
            }
            case PollAnswer answer -> {
                out.u64(answer.nonce());
                out.u8(answer.gone() ? 1 : 0);
                out.u8(answer.voter() ? 1 : 0);
                out.u8(answer.sound() ? 1 : 0);
                position(answer.last(), out);
                position(answer.watermark(), out);
                yield POLL_ANSWER;
            }
            case TakeoverRequest(_, boolean first, List<UUID> members) -> {
                out.u8(first ? 1 : 0);
                out.varint(members.size());
                members.forEach(out::uuid);
                yield TAKEOVER_REQUEST;
            }
            case TakeoverPromise(_, LogPosition last, LogPosition watermark) -> {
                position(last, out);
                position(watermark, out);
                yield TAKEOVER_PROMISE;
            }
            case TakeoverRefusal(_, long refusedEpoch, boolean blank) -> {
                out.varint(refusedEpoch);
                out.u8(blank ? 1 : 0);
                yield TAKEOVER_REFUSAL;
            }
            case TurnPassed _ -> TURN_PASSED;
            case TransferConsent(_, boolean placed) -> {
                out.u8(placed ? 1 : 0);
                yield TRANSFER_CONSENT;
            }
            case RoundRequest(_, long round) -> {
                out.varint(round);
                yield ROUND_REQUEST;
            }
            case RoundAnswer(_, long round) -> {
                out.varint(round);
                yield ROUND_ANSWER;
            }
            case MemoryLost(_, long acknowledgedIndex) -> {
                out.varint(acknowledgedIndex);
                yield MEMORY_LOST;
            }
        };
    }

    /// {@return the message, or null if the type is unknown}
    static @Nullable Message decode(int type, BytesReader in) {
        if (type >= NodeCodec.FIRST_TYPE) {
            return NodeCodec.decode(type, in);
        }
        if (type < WRITE || type > MEMORY_LOST) {
            return null;
        }
        Header header = new Header(new PartitionId(in.u32()), in.small(), in.size(), in.uuid());
        return switch (type) {
            case WRITE -> new ReplicateWrite(header, position(in), position(in), entries(in));
            case ACK -> new ReplicateWriteAck(header, in.size(), in.size());
            case REFUSAL -> new ReplicateRefusal(header, in.size(), position(in), in.size());
            case SUPERSEDED -> new Superseded(header, in.size());
            case CONFIRM -> new ConfirmTransaction(header, position(in));
            case SYNC_REQUEST ->
                    new PartitionSyncRequest(header, Purpose.of(in.u8()), position(in), in.size());
            case SYNC_RESPONSE ->
                    new PartitionSyncResponse(
                            header,
                            Purpose.of(in.u8()),
                            position(in),
                            in.flag(),
                            in.size(),
                            position(in),
                            position(in),
                            entries(in));
            case POLL_REQUEST -> new PollRequest(header, in.u64());
            case POLL_ANSWER ->
                    new PollAnswer(
                            header,
                            in.u64(),
                            in.flag(),
                            in.flag(),
                            in.flag(),
                            position(in),
                            position(in));
            case TAKEOVER_REQUEST -> new TakeoverRequest(header, in.flag(), uuids(in));
            case TAKEOVER_PROMISE -> new TakeoverPromise(header, position(in), position(in));
            case TAKEOVER_REFUSAL -> new TakeoverRefusal(header, in.size(), in.flag());
            case TURN_PASSED -> new TurnPassed(header);
            case TRANSFER_CONSENT -> new TransferConsent(header, in.flag());
            case ROUND_REQUEST -> new RoundRequest(header, in.size());
            case ROUND_ANSWER -> new RoundAnswer(header, in.size());
            default -> new MemoryLost(header, in.size());
        };
    }

    static void position(LogPosition position, BytesWriter out) {
        out.varint(position.index());
        out.varint(position.epoch());
    }

    static LogPosition position(BytesReader in) {
        return new LogPosition(in.size(), in.size());
    }

    private static List<UUID> uuids(BytesReader in) {
        int count = in.count(2 * Long.BYTES);
        List<UUID> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(in.uuid());
        }
        return ids;
    }

    private static void entries(List<Entry> entries, BytesWriter out) {
        out.varint(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            out.raw(entries.get(i).encoded());
        }
    }

    private static List<Entry> entries(BytesReader in) {
        int count = in.count(Entry.HEADER_BYTES);
        List<Entry> entries = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                entries.add(Entry.decode(in.buffer()));
            }
        } catch (MalformedTransactionException e) {
            throw malformed(e);
        }
        return entries;
    }

    static MalformedMessageException malformed(RuntimeException cause) {
        MalformedMessageException failure =
                new MalformedMessageException(String.valueOf(cause.getMessage()));
        failure.initCause(cause);
        return failure;
    }
}
