package io.ridgeline.simulation.checker;

import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.HardState;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a replica says of its memory is compared with its disk in the moment in which it says so:
/// acknowledgements (C4, C7), promises (C1, C3, C9) and candidacies.
final class WireCheck {
    private final Checker checker;
    private final Set<String> firsts = new HashSet<>();

    WireCheck(Checker checker) {
        this.checker = checker;
    }

    void onSent(Run sender, ByteBuffer frame, StableLogs disk) {
        FrameReader reader = new FrameReader(frame.duplicate());
        @Nullable Message message = reader.next();
        while (message != null) {
            switch (message) {
                case ReplicateWriteAck ack -> onAck(sender, ack, disk);
                case TakeoverPromise promise -> onPromise(sender, promise, disk);
                case TakeoverRequest request -> {
                    requirePromise(sender, request, disk);
                    if (request.first()) {
                        firsts.add(request.header().partition() + "@" + request.epoch());
                    }
                }
                case PartitionSyncResponse page -> onPage(sender, page);
                default -> {
                    // Says nothing of the sender's memory.
                }
            }
            message = reader.next();
        }
    }

    private static PartitionId partition(PartitionMessage message) {
        return message.header().partition();
    }

    private void onAck(Run sender, ReplicateWriteAck ack, StableLogs disk) {
        PartitionId partition = partition(ack);
        @Nullable HardState hard = disk.stableHardState(partition);
        if (hard != null && hard.promisedEpoch() > ack.epoch()) {
            throw new Violation(
                    "a promise ends acknowledgements",
                    "%s, partition %s: %s after it promised %s"
                            .formatted(sender, partition, ack, hard));
        }
        long index = ack.durableIndex();
        if (index == 0) {
            return;
        }
        @Nullable UUID id = disk.stableStorageId(partition);
        boolean counts = id == null || checker.mayPromise(partition, id);
        if (counts && (hard == null || hard.promisedEpoch() < ack.epoch())) {
            throw new Violation(
                    "an epoch is saved before it is acknowledged",
                    "%s, partition %s: %s, on its disk is %s"
                            .formatted(sender, partition, ack, hard));
        }
        long expected = checker.chainInEpoch(partition, ack.epoch(), index);
        if (disk.stableChainAt(partition, index) != expected) {
            throw new Violation(
                    "acknowledged is on the disk",
                    "%s, partition %s: %s, whose disk holds another log, or not so much"
                            .formatted(sender, partition, ack));
        }
    }

    /// Only the coordinator, or whom a candidate adopts from, serves unconfirmed entries (H16).
    private void onPage(Run sender, PartitionSyncResponse page) {
        boolean open =
                page.purpose() == Purpose.ADOPT
                        || (page.purpose() == Purpose.FOLLOW
                                && checker.isCoordinator(partition(page), page.epoch(), sender));
        if (!open
                && !page.entries().isEmpty()
                && !checker.isChosen(partition(page), page.entries().getLast().position())) {
            throw new Violation(
                    "only confirmed entries are served",
                    "%s, partition %s: %s".formatted(sender, partition(page), page));
        }
    }

    private void onPromise(Run sender, TakeoverPromise promise, StableLogs disk) {
        requirePromise(sender, promise, disk);
        PartitionId partition = partition(promise);
        long end = promise.last().index();
        if (disk.stableLastIndex(partition) != end
                || disk.stableChainAt(partition, end)
                        != checker.chainOf(partition, promise.last())) {
            throw new Violation(
                    "a promise tells the whole log",
                    "%s, partition %s: %s, on its disk the log ends at %d"
                            .formatted(
                                    sender, partition, promise, disk.stableLastIndex(partition)));
        }
        @Nullable UUID id = disk.stableStorageId(partition);
        // The first coordinator of all asks everybody; its epoch begins only if all are blank.
        boolean first = firsts.contains(partition + "@" + promise.epoch());
        if (id != null && !first && !checker.mayPromise(partition, id)) {
            throw new Violation(
                    "only those who remember promise",
                    "%s, partition %s: %s, its storage id is in no confirmed configuration"
                            .formatted(sender, partition, promise));
        }
    }

    private static void requirePromise(Run sender, PartitionMessage message, StableLogs disk) {
        @Nullable HardState hard = disk.stableHardState(partition(message));
        if (hard == null || hard.promisedEpoch() < message.epoch()) {
            throw new Violation(
                    "a promise is durable before it is told",
                    "%s: %s, on its disk is %s".formatted(sender, message, hard));
        }
    }
}
