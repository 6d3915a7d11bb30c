package io.ridgeline.engine.replica;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.CommandResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Entries that a coordinator appends of its own accord or for an operator: readmission of replicas
/// that lost their memory, other quorums, tombstones. One configuration at a time, none before the
/// epoch start is confirmed (C9, C10).
final class Changes {
    private final PartitionReplica replica;
    private final Coordinating reign;
    private final List<Pending> pending = new ArrayList<>();

    private record Pending(
            long index, @Nullable Consumer<CommandResult> reply, EngineEvent event) {}

    Changes(PartitionReplica replica, Coordinating reign) {
        this.replica = replica;
        this.reign = reign;
    }

    private boolean isAllowed() {
        return (reign.isConfirmed()
                        && !replica.log.memberships().isChanging(replica.log.watermark().index()))
                || !replica.rules.holds(Rule.ONE_CHANGE_AT_A_TIME);
    }

    /// A change of the coordinator's own accord can wait; what a full disk keeps free is for taking
    /// over (H18).
    private boolean hasSpace(ByteBuffer payload) {
        return replica.host.clientBytesFree() >= payload.remaining() + Entry.HEADER_BYTES;
    }

    /// Readmits a replica that speaks under another storage id than the log names, once it is
    /// level.
    void readmit(Progress progress) {
        UUID speaks = progress.storageId;
        if (speaks == null || !isAllowed()) {
            return;
        }
        Configuration latest = replica.log.memberships().latest();
        UUID named = latest.storageId(progress.node);
        long lag = replica.log.lastIndex() - progress.acked;
        if (named == null
                || named.equals(speaks)
                || progress.acked == 0
                || lag > replica.host.settings().limits().windowEntriesMax()) {
            return;
        }
        Configuration next = latest.readmitting(progress.node, speaks);
        if (hasSpace(next.encode())) {
            append(next, null, new EngineEvent.Readmitted(replica.id, progress.node, speaks));
        }
    }

    /// Says once more what the last configuration says, now that it is confirmed. The entry shows
    /// that, to all who hold it and for ever; a watermark that is saved later might be lost with
    /// the power of all nodes, and nobody would know then that a readmitted replica votes.
    void repeatConfirmed() {
        if (replica.log.memberships().isRepeated()
                || !isAllowed()
                || !replica.rules.holds(Rule.CHANGE_IS_REPEATED)) {
            return;
        }
        ByteBuffer payload = replica.log.memberships().latest().encode();
        if (hasSpace(payload)) {
            reign.appendOwn(EntryKind.CONFIGURATION, payload);
        }
    }

    void onQuorum(AdminCommand.ChangeQuorum command) {
        if (!isAllowed()) {
            command.reply()
                    .accept(new CommandResult.Refused("another change is not confirmed yet"));
            return;
        }
        Configuration latest = replica.log.memberships().latest();
        Quorum quorum;
        try {
            quorum = new Quorum(latest.members().size(), command.write(), command.takeover());
        } catch (IllegalArgumentException e) {
            command.reply().accept(new CommandResult.Refused(String.valueOf(e.getMessage())));
            return;
        }
        if (quorum.equals(latest.quorum())) {
            command.reply().accept(new CommandResult.Done());
            return;
        }
        append(
                latest.withQuorum(quorum),
                command.reply(),
                new EngineEvent.QuorumSet(replica.id, quorum.write(), quorum.takeover()));
    }

    /// Payload of a tombstone, version 1: u8 version, varint sequence.
    void onSkip(AdminCommand.SkipEvent command) {
        if (command.sequence() < 0 || command.sequence() > replica.log.confirmedSequence()) {
            command.reply()
                    .accept(
                            new CommandResult.Refused(
                                    "sequence "
                                            + command.sequence()
                                            + " is not among the confirmed 0 to "
                                            + replica.log.confirmedSequence()));
            return;
        }
        BytesWriter payload = new BytesWriter(12);
        payload.u8(1);
        payload.varint(command.sequence());
        long index = reign.appendOwn(EntryKind.TOMBSTONE, payload.finish());
        pending.add(
                new Pending(
                        index,
                        command.reply(),
                        new EngineEvent.Skipped(replica.id, command.sequence())));
    }

    private void append(
            Configuration next, @Nullable Consumer<CommandResult> reply, EngineEvent event) {
        long index = reign.appendOwn(EntryKind.CONFIGURATION, next.encode());
        pending.add(new Pending(index, reply, event));
    }

    void onConfirmed(long watermark) {
        for (Iterator<Pending> each = pending.iterator(); each.hasNext(); ) {
            Pending change = each.next();
            if (change.index() <= watermark) {
                each.remove();
                replica.host.record(change.event());
                answer(change, new CommandResult.Done());
            }
        }
    }

    void end(String reason) {
        List<Pending> left = new ArrayList<>(pending);
        pending.clear();
        for (Pending change : left) {
            answer(change, new CommandResult.Unknown(reason));
        }
    }

    private static void answer(Pending change, CommandResult result) {
        if (change.reply() != null) {
            change.reply().accept(result);
        }
    }
}
