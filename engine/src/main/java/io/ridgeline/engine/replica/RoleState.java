package io.ridgeline.engine.replica;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.CommandResult;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import org.jspecify.annotations.Nullable;

/// What a replica is at the moment. Handlers that end the role tell the replica what it becomes;
/// nothing of the old role is used afterwards.
///
/// Messages arrive here after the replica has checked history, run and epoch.
abstract sealed class RoleState permits Following, TakingOver, Coordinating, Halted {
    final PartitionReplica replica;

    RoleState(PartitionReplica replica) {
        this.replica = replica;
    }

    abstract Role role();

    /// What the role says of itself in digests.
    abstract Phase phase();

    /// Begins to act; called once, after the replica has taken the role.
    abstract void begin();

    /// A message of the coordinator of the promised epoch.
    void onCoordinator(Run sender, PartitionMessage message) {
        throw replica.violation("message of a second coordinator, " + sender + ": " + message);
    }

    /// An answer to a coordinator or candidate of the promised epoch, or to a poll.
    abstract void onAnswer(Run sender, PartitionMessage message);

    /// Everything that was appended or saved is durable.
    abstract void onDurable();

    abstract void onTimer(long nowNanos);

    /// Nodes are heard or silent, or claim other things than before.
    abstract void onContactChanged();

    abstract void endTurn();

    /// The watermark moved.
    void onConfirmed() {}

    /// Writes are sent to a node that may not know the watermark.
    void tellWatermark(NodeId node) {}

    /// The role ends because of a higher epoch.
    ///
    /// @param successor to whom it was promised, if it was
    void onDeposed(@Nullable NodeId successor) {}

    /// The role has ended, for whatever reason.
    void onLeft() {}

    /// The role ends because the partition stops.
    void onHalted(AppendResult.Indeterminate.Cause cause) {}

    void onExecute(ExecuteTransaction request) {
        replica.sendOn(request);
    }

    void onReadIndex(ReadIndexRequest request) {
        replica.reach.refuse(request);
    }

    void onCommand(AdminCommand command) {
        command.reply().accept(new CommandResult.NotCoordinator(replica.coordinator()));
    }

    /// The node shuts down.
    void onStopping() {}

    /// {@return whether nothing is left to be answered or handed over}
    boolean isDrained() {
        return true;
    }
}
