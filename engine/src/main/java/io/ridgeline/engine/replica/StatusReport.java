package io.ridgeline.engine.replica;

import io.ridgeline.engine.PartitionStatus;
import io.ridgeline.engine.PartitionStatus.ReplicaStatus;
import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Describes a replica for operators.
final class StatusReport {
    private StatusReport() {}

    static PartitionStatus of(PartitionReplica replica) {
        ReplicaLog log = replica.log;
        int write = 0;
        int takeover = 0;
        List<ReplicaStatus> members = new ArrayList<>();
        if (!log.memberships().isEmpty()) {
            Configuration configuration = log.memberships().latest();
            write = configuration.quorum().write();
            takeover = configuration.quorum().takeover();
            for (Member member : configuration.members()) {
                members.add(member(replica, member));
            }
        } else {
            for (var node : replica.assigned) {
                members.add(member(replica, new Member(node, new UUID(0, 0))));
            }
        }
        RoleState role = replica.role();
        return new PartitionStatus(
                replica.id,
                role.role(),
                replica.promised(),
                log.history(),
                replica.coordinator(),
                log.votesForGood(),
                log.storageId(),
                log.last(),
                log.durableIndex(),
                log.watermark(),
                log.confirmedSequence(),
                write,
                takeover,
                role instanceof Coordinating coordinating ? coordinating.pending() : 0,
                replica.repair.damagedEntries(),
                members,
                role instanceof Halted halted ? halted.reason() : "");
    }

    private static ReplicaStatus member(PartitionReplica replica, Member member) {
        boolean self = member.node().equals(replica.self);
        boolean alive = self || replica.host.isHeard(member.node());
        long durable = -1;
        long lag = -1;
        boolean degraded = false;
        if (replica.role() instanceof Coordinating coordinating) {
            Progress progress = coordinating.progress(member.node());
            durable = self ? replica.log.durableIndex() : progress == null ? 0 : progress.acked;
            lag = replica.log.lastIndex() - durable;
            degraded = progress != null && (!progress.level || !alive);
        }
        return new ReplicaStatus(member.node(), member.storageId(), alive, durable, lag, degraded);
    }
}
