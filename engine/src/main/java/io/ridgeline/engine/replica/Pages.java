package io.ridgeline.engine.replica;

import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.Superseded;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.List;

/// Serves pages of a log to those who lack them. Who may see what lies above the watermark: the
/// replicas of a coordinator in its epoch, and the candidate to whom this log was promised (H16).
final class Pages {
    private Pages() {}

    /// {@return how many bytes of entries were sent}
    static int serve(PartitionReplica replica, Run asker, PartitionSyncRequest request) {
        ReplicaLog log = replica.log;
        boolean ofAnyEpoch =
                request.purpose() == Purpose.REPAIR || request.purpose() == Purpose.LEARN;
        if (request.epoch() < log.promised() && !ofAnyEpoch) {
            replica.send(
                    asker.node(), Lane.CONTROL, new Superseded(replica.header(), request.epoch()));
            return 0;
        }
        long bound = bound(replica, asker, request);
        LogPosition previous = request.previous();
        if (previous.index() > bound || log.epochAt(previous.index()) != previous.epoch()) {
            long conflict =
                    previous.index() > bound ? bound + 1 : log.firstOfEpochAt(previous.index());
            answer(replica, asker, request, bound, false, conflict, List.of());
            return 0;
        }
        long last = request.lastIndex() == 0 ? bound : Math.min(bound, request.lastIndex());
        List<Entry> entries;
        try {
            entries =
                    log.entries(
                            previous.index() + 1,
                            last,
                            replica.host.settings().limits().pageBytesMax());
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            replica.repair.onDamage(previous.index() + 1, e);
            return 0;
        }
        answer(replica, asker, request, bound, true, 0, entries);
        if (replica.role() instanceof Coordinating coordinating
                && request.purpose() == Purpose.FOLLOW) {
            coordinating.onPageServed(asker.node(), previous.index(), entries.size());
        }
        int bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.lengthBytes();
        }
        return bytes;
    }

    private static long bound(PartitionReplica replica, Run asker, PartitionSyncRequest request) {
        ReplicaLog log = replica.log;
        boolean inEpoch = request.epoch() == log.promised();
        boolean all =
                switch (request.purpose()) {
                    case FOLLOW -> inEpoch && replica.isCoordinating();
                    case ADOPT -> inEpoch && log.isPromiseSaved() && log.promisedTo().equals(asker);
                    case REPAIR, LEARN -> false;
                };
        return all || !replica.rules.holds(Rule.SERVE_CONFIRMED_ONLY)
                ? log.lastIndex()
                : log.watermark().index();
    }

    private static void answer(
            PartitionReplica replica,
            Run asker,
            PartitionSyncRequest request,
            long bound,
            boolean matches,
            long conflictIndex,
            List<Entry> entries) {
        ReplicaLog log = replica.log;
        long end = entries.isEmpty() ? request.previous().index() : entries.getLast().index();
        long confirmed = matches ? Math.min(end, log.watermark().index()) : 0;
        replica.send(
                asker.node(),
                Lane.BULK,
                new PartitionSyncResponse(
                        replica.header(
                                request.purpose() == Purpose.REPAIR
                                                || request.purpose() == Purpose.LEARN
                                        ? request.epoch()
                                        : log.promised()),
                        request.purpose(),
                        request.previous(),
                        matches,
                        conflictIndex,
                        new LogPosition(bound, log.epochAt(bound)),
                        new LogPosition(confirmed, log.epochAt(confirmed)),
                        entries));
    }
}
