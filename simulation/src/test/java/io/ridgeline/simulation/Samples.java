package io.ridgeline.simulation;

import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.EpochStart;
import io.ridgeline.engine.membership.Member;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Entries for tests.
public final class Samples {
    public static final PartitionId PARTITION = new PartitionId(0);
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private Samples() {}

    public static UUID storageId(int node) {
        return new UUID(100, node);
    }

    public static Entry epochStart(long index, long epoch, int node) {
        return Entry.of(
                PARTITION,
                new LogPosition(index, epoch),
                EntryKind.EPOCH_START,
                new EpochStart(new Run(new NodeId("n" + node), epoch), EpochStart.Reason.TAKEOVER)
                        .encode());
    }

    public static Entry configuration(long index, long epoch, int nodes) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            members.add(new Member(new NodeId("n" + i), storageId(i)));
        }
        return Entry.of(
                PARTITION,
                new LogPosition(index, epoch),
                EntryKind.CONFIGURATION,
                new Configuration(members, Quorum.forWrite(nodes, nodes / 2 + 1), 1).encode());
    }

    public static NewEvent event(UUID id, String stream) {
        return new NewEvent(id, stream, "opened", "", 0, 0, List.of(), EMPTY, EMPTY);
    }

    public static Entry transaction(
            long index, long epoch, NewEvent event, long sequence, long version) {
        Transaction transaction = Transaction.of(event.stream(), List.of(event));
        transaction.assign(sequence, new long[] {version});
        return Entry.of(PARTITION, new LogPosition(index, epoch), transaction);
    }
}
