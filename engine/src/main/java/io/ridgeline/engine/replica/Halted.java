package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.spi.Run;

/// A replica that does nothing any more: its disk failed, an invariant was violated, or a newer run
/// or a higher history exists. Wrong is worse than down.
final class Halted extends RoleState {
    private final String reason;

    Halted(PartitionReplica replica, String reason) {
        super(replica);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    @Override
    Role role() {
        return Role.STOPPED;
    }

    @Override
    Phase phase() {
        return Phase.NONE;
    }

    @Override
    void begin() {}

    @Override
    void onCoordinator(Run sender, PartitionMessage message) {}

    @Override
    void onAnswer(Run sender, PartitionMessage message) {}

    @Override
    void onDurable() {}

    @Override
    void onTimer(long nowNanos) {}

    @Override
    void onContactChanged() {}

    @Override
    void endTurn() {}

    @Override
    void onExecute(ExecuteTransaction request) {
        request.answer(new AppendResult.Stopped(replica.id, reason));
    }

    @Override
    void onReadIndex(ReadIndexRequest request) {
        request.reply().accept(new ReadIndexResult.Stopped(replica.id));
    }
}
