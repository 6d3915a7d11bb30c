package io.ridgeline.runtime.read;

import io.grpc.ServerCall;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.runtime.refusal.ReadRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.EventWriter;
import io.ridgeline.runtime.wire.ProtoOutput;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.EventLocation;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One `GetEvent` call.
final class GetEventCall extends Pump<GetEventRequest> {
    private static final int RESPONSE_EVENT = 1;

    private final Reads reads;
    private volatile @Nullable GetEventRequest request;

    GetEventCall(ServerCall<GetEventRequest, EncodedMessage> call, Reads reads) {
        super(call, reads.executor());
        this.reads = reads;
        call.request(2);
    }

    @Override
    public void onMessage(GetEventRequest received) {
        request = received;
    }

    @Override
    Step step() {
        GetEventRequest asked = request;
        if (asked == null) {
            throw new RefusedException(Refusal.invalid("message", "no request came"));
        }
        if (asked.getId().size() != 2 * Long.BYTES) {
            throw new RefusedException(
                    Refusal.invalid("id", "has " + asked.getId().size() + " bytes, expected 16"));
        }
        ByteBuffer bytes = asked.getId().asReadOnlyByteBuffer();
        UUID id = new UUID(bytes.getLong(), bytes.getLong());
        PartitionTable table = reads.table();
        String key = asked.getPartitionKey();
        if (!key.isEmpty()) {
            Partition partition = reads.here(table.ofKey(key));
            Optional<EventLocation> found =
                    partition.reader().event(key, id, readableIndex(partition));
            if (found.isPresent()) {
                return answer(partition, found.get());
            }
        } else {
            // That one cannot be looked at does not matter if the event is in another.
            RefusedException notLookedAt = null;
            for (Partition partition : reads.several(asked.getPartitionsList())) {
                try {
                    Optional<EventLocation> found =
                            reads.here(partition).reader().event(id, readableIndex(partition));
                    if (found.isPresent()) {
                        return answer(partition, found.get());
                    }
                } catch (RefusedException e) {
                    notLookedAt = e;
                }
            }
            if (notLookedAt != null) {
                throw notLookedAt;
            }
        }
        throw new RefusedException(
                Refusal.of(ErrorCode.NOT_FOUND, "no event " + id, Map.of("id", id.toString())));
    }

    private static long readableIndex(Partition partition) {
        if (!partition.published().readable()) {
            throw new RefusedException(ReadRefusals.unreadable(partition.id()));
        }
        return partition.published().watermark().index();
    }

    private Step answer(Partition partition, EventLocation location) {
        Transaction transaction = location.entry().transaction();
        Events event = transaction.events();
        while (event.next()) {
            if (event.place() == location.place()) {
                ProtoOutput out = new ProtoOutput(256 + event.dataLength());
                EventWriter.write(out, RESPONSE_EVENT, partition.id(), transaction, event);
                send(out.toMessage());
                return Step.DONE;
            }
        }
        throw new IllegalStateException("no event at place " + location.place());
    }
}
