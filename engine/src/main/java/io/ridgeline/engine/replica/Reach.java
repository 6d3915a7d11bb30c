package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.spi.NodeId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How many of the replicas are in contact with this one, and what callers are told for it.
///
/// A replica that neither hears the coordinator nor reaches W is on the smaller side of a cut: it
/// cannot know who coordinates on the other side, and nobody can on this one (R-CO-6).
final class Reach {
    private final PartitionReplica replica;

    Reach(PartitionReplica replica) {
        this.replica = replica;
    }

    /// {@return whether a write quorum is in contact, as the log says, or as it will say first}
    boolean isQuorum() {
        return replica.log.memberships().isEmpty()
                ? reachable() >= needed()
                : replica.log.memberships().holdsWrite(this::inContact);
    }

    private long inContact(NodeId node, UUID storageId) {
        return replica.host.isInContact(node) ? 0 : -1;
    }

    /// {@return how many replicas a write needs}
    int needed() {
        return replica.log.memberships().isEmpty()
                ? replica.host.settings().quorum().quorum(replica.assigned.size()).write()
                : replica.log.memberships().latest().quorum().write();
    }

    /// {@return how many are in contact, this one included}
    int reachable() {
        int count = 0;
        for (NodeId member : replica.members()) {
            count += replica.host.isInContact(member) ? 1 : 0;
        }
        return count;
    }

    private boolean isCutOff(@Nullable NodeId coordinator) {
        return (coordinator == null || !replica.host.isHeard(coordinator)) && !isQuorum();
    }

    /// Refuses a write that is not for this replica; it was not ordered.
    void refuse(ExecuteTransaction request) {
        NodeId coordinator = replica.coordinator();
        request.answer(
                isCutOff(coordinator)
                        ? new AppendResult.QuorumUnavailable(replica.id, needed(), reachable())
                        : new AppendResult.NotCoordinator(
                                replica.id, coordinator, replica.promised(), request.tried()));
    }

    /// Refuses a read that is not for this replica.
    void refuse(ReadIndexRequest request) {
        NodeId coordinator = replica.coordinator();
        request.reply()
                .accept(
                        isCutOff(coordinator)
                                ? new ReadIndexResult.QuorumUnavailable(
                                        replica.id, needed(), reachable())
                                : new ReadIndexResult.NotCoordinator(
                                        replica.id, coordinator, replica.promised()));
    }
}
