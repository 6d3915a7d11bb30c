package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult.Appended;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.List;

/// Makes the answers to writes.
final class Answers {
    private Answers() {}

    /// What a transaction got that this node ordered.
    static Appended appended(PartitionReplica replica, ExecuteTransaction request) {
        Transaction transaction = request.transaction();
        return new Appended(
                replica.id,
                replica.log.history(),
                transaction.firstSequence(),
                transaction.lastSequence(),
                versions(transaction),
                false);
    }

    private static List<StreamVersions> versions(Transaction transaction) {
        List<StreamKey> keys = transaction.streams();
        if (keys.size() == 1) {
            return List.of(versions(transaction, 0));
        }
        List<StreamVersions> streams = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            streams.add(versions(transaction, i));
        }
        return streams;
    }

    private static StreamVersions versions(Transaction transaction, int place) {
        long first = transaction.firstVersion(place);
        return new StreamVersions(
                transaction.streams().get(place), first, first + transaction.eventCount(place) - 1);
    }
}
