package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.Limits;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import java.util.List;

/// What a coordinator makes of a transaction: a repeat, a conflict, a refusal, or the next entry of
/// its log. Decided against heads that include unconfirmed entries; what is answered only once
/// something is confirmed waits in [Waiting] or in the [WriteQueue].
final class Ordering {
    private final PartitionReplica replica;
    private final long epoch;
    private final Limits limits;
    private final IdCheck ids;
    private final WriteQueue queue;
    private final Waiting waiting;
    private final Rounds rounds;
    private final Replication replication;
    private long[] versions = new long[4];

    Ordering(
            PartitionReplica replica,
            long epoch,
            WriteQueue queue,
            Waiting waiting,
            Rounds rounds,
            Replication replication) {
        this.replica = replica;
        this.epoch = epoch;
        this.limits = replica.host.settings().limits();
        this.ids = new IdCheck(replica.id, replica.log.storage(), replica.rules);
        this.queue = queue;
        this.waiting = waiting;
        this.rounds = rounds;
        this.replication = replication;
    }

    /// Event ids come first, then conditions, then limits.
    ///
    /// @param available whether a quorum can be reached
    /// @throws StorageException kind `DAMAGED` if what it would be decided against cannot be read;
    ///   it was not ordered
    void decide(ExecuteTransaction request, boolean available) {
        Transaction transaction = request.transaction();
        if (transaction.lengthBytes() > limits.transactionBytesMax()) {
            request.answer(
                    new AppendResult.TooLarge(
                            replica.id, transaction.lengthBytes(), limits.transactionBytesMax()));
            return;
        }
        boolean idsFirst = replica.rules.holds(Rule.IDS_BEFORE_CONDITIONS);
        if ((idsFirst && decideByIds(request, transaction))
                || decideByConditions(request)
                || (!idsFirst && decideByIds(request, transaction))
                || refuseByLimits(request, transaction, available)) {
            return;
        }
        order(request, transaction);
    }

    /// {@return whether the ids say all}
    private boolean decideByIds(ExecuteTransaction request, Transaction transaction) {
        long bound =
                replica.rules.holds(Rule.IDS_INCLUDE_TAIL)
                        ? Long.MAX_VALUE
                        : replica.log.watermark().index();
        switch (ids.check(transaction, replica.log.history(), bound)) {
            case IdCheck.Outcome.New _ -> {
                return false;
            }
            case IdCheck.Outcome.Repeat(AppendResult.Appended result, long index) -> {
                replica.host.record(
                        new EngineEvent.DuplicateAnswered(replica.id, result.firstSequence()));
                if (index <= replica.log.watermark().index()
                        || !replica.rules.holds(Rule.DUPLICATE_WAITS)) {
                    request.answer(result);
                } else if (waiting.isFull()) {
                    // Says nothing of the first attempt, which may be confirmed any moment.
                    request.answer(new AppendResult.Indeterminate(replica.id, Cause.TIMEOUT));
                } else {
                    waiting.add(request, result, index, 0);
                }
            }
            case IdCheck.Outcome.Wrong(AppendResult.EventIdConflict result) ->
                    conflict(request, result);
        }
        return true;
    }

    /// {@return whether a condition does not hold}
    private boolean decideByConditions(ExecuteTransaction request) {
        List<AppendCondition> conditions = request.conditions();
        for (int i = 0; i < conditions.size(); i++) {
            switch (conditions.get(i)) {
                case StreamCondition(StreamKey stream, Expectation expect) -> {
                    long last = replica.log.storage().lastVersion(stream);
                    if (!expect.holdsFor(last) && replica.rules.holds(Rule.CONDITIONS_CHECKED)) {
                        conflict(
                                request,
                                new AppendResult.VersionConflict(replica.id, stream, expect, last));
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /// A conflict is a linearizable read: true once what it rests on is confirmed, and known to be
    /// of the present once a round says so (H2).
    private void conflict(ExecuteTransaction request, AppendResult result) {
        if (waiting.isFull()) {
            overloaded(request, "waitingMax");
            return;
        }
        long restsOn = replica.rules.holds(Rule.CONFLICT_WAITS) ? replica.log.lastIndex() : 0;
        long round = replica.rules.holds(Rule.CONFLICT_NEEDS_ROUND) ? rounds.join() : 0;
        waiting.add(request, result, restsOn, round);
        replica.touch();
    }

    private boolean refuseByLimits(
            ExecuteTransaction request, Transaction transaction, boolean available) {
        if (!available) {
            request.answer(
                    new AppendResult.QuorumUnavailable(
                            replica.id, replica.reach.needed(), replica.reach.reachable()));
        } else if (queue.size() >= limits.pendingEntriesMax()) {
            overloaded(request, "pendingEntriesMax");
        } else if (queue.bytes() >= limits.pendingBytesMax()) {
            overloaded(request, "pendingBytesMax");
        } else if (replica.host.clientBytesFree()
                < transaction.lengthBytes() + Entry.HEADER_BYTES) {
            request.answer(new AppendResult.StorageFull(replica.id));
        } else {
            return false;
        }
        return true;
    }

    void overloaded(ExecuteTransaction request, String limit) {
        request.answer(
                new AppendResult.Overloaded(
                        replica.id, limit, replica.host.settings().timings().resendNanos()));
    }

    /// Assigns sequence, versions and index at once (R-WP-1) and appends.
    private void order(ExecuteTransaction request, Transaction transaction) {
        ReplicaLog log = replica.log;
        List<StreamKey> streams = transaction.streams();
        if (versions.length < streams.size()) {
            versions = new long[streams.size()];
        }
        for (int i = 0; i < streams.size(); i++) {
            versions[i] = log.storage().lastVersion(streams.get(i)) + 1;
        }
        transaction.assign(log.nextSequence(), versions);
        LogPosition position = new LogPosition(log.lastIndex() + 1, epoch);
        Entry entry = Entry.of(replica.id, position, transaction);
        try {
            log.append(entry);
        } catch (StorageException e) {
            switch (e.kind()) {
                case FULL -> request.answer(new AppendResult.StorageFull(replica.id));
                case TOO_LARGE ->
                        request.answer(
                                new AppendResult.TooLarge(
                                        replica.id,
                                        entry.lengthBytes(),
                                        limits.transactionBytesMax()));
                default -> {
                    // Nothing says how much of it the disk has.
                    queue.add(request, position.index());
                    throw e;
                }
            }
            return;
        }
        queue.add(request, position.index());
        replication.add(entry);
        replica.wakeBy(request.deadlineNanos());
        replica.touch();
    }
}
