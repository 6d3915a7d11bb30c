package io.ridgeline.engine.message;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;

/// What nodes say to each other, whatever the partition.
public sealed interface NodeMessage extends Message {

    /// I live, I heard you, and this is what changed.
    ///
    /// @param sequence counts the sender's heartbeats to this peer, from 1
    /// @param echoRun the startedAt of the peer's newest run that was heard; 0 for none
    /// @param echo the highest sequence heard from that run; 0 for none
    /// @param diskStalledNanos how long the sender's sync has been running, or took last if that
    ///   was too long; −1 if the bucket has stopped
    /// @param complete whether the digest, with those before it, says all
    record Heartbeat(
            long sequence,
            long echoRun,
            long echo,
            ProtocolVersions versions,
            long diskStalledNanos,
            boolean complete,
            List<DigestEntry> digest)
            implements NodeMessage {
        public Heartbeat {
            digest = List.copyOf(digest);
        }
    }

    /// What a node says of itself in one partition.
    ///
    /// @param phase what it claims
    /// @param last the end of a coordinator's log
    record DigestEntry(
            PartitionId partition,
            int history,
            long epoch,
            Phase phase,
            LogPosition last,
            LogPosition watermark) {}

    /// What a node claims to be.
    enum Phase {
        /// Neither of the others.
        NONE(0),
        /// A candidate that makes progress.
        TAKING_OVER(1),
        /// The coordinator, in contact with a write quorum.
        COORDINATING(2);

        private final int code;

        Phase(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Phase of(int code) {
            return switch (code) {
                case 0 -> NONE;
                case 1 -> TAKING_OVER;
                case 2 -> COORDINATING;
                default -> throw new MalformedMessageException("phase " + code);
            };
        }
    }

    /// A client's request, sent on.
    ///
    /// @param requestId the sender's own
    /// @param remainingNanos until the answer is due
    record ExecuteForward(
            long requestId,
            PartitionId partition,
            int hops,
            List<NodeId> tried,
            long remainingNanos,
            List<AppendCondition> conditions,
            Transaction transaction)
            implements NodeMessage {
        public ExecuteForward {
            tried = List.copyOf(tried);
            conditions = List.copyOf(conditions);
        }
    }

    /// What became of a forwarded request.
    record ExecuteAnswer(long requestId, AppendResult result) implements NodeMessage {}

    /// To a run that is not the newest of its node.
    ///
    /// @param newestStartedAt the highest that was heard
    record OutdatedRun(long newestStartedAt) implements NodeMessage {}
}
