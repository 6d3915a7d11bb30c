package io.ridgeline.engine.message;

import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.UUID;

/// What the replicas of one partition say to each other.
public sealed interface PartitionMessage extends Message {

    /// {@return partition, history, epoch and storage id}
    Header header();

    /// {@return the epoch of the header}
    default long epoch() {
        return header().epoch();
    }

    /// Coordinator to replica, in its epoch: append `entries` behind `previous`. May hold none.
    record ReplicateWrite(
            Header header, LogPosition previous, LogPosition watermark, List<Entry> entries)
            implements PartitionMessage {
        public ReplicateWrite {
            entries = List.copyOf(entries);
        }
    }

    /// Replica to coordinator, in its epoch: my disk holds your log up to `durableIndex`.
    ///
    /// @param endIndex the last index of the replica, matched or not
    record ReplicateWriteAck(Header header, long durableIndex, long endIndex)
            implements PartitionMessage {}

    /// Replica to coordinator, in its epoch: I lack the entry before.
    ///
    /// @param previousIndex of the refused write
    /// @param last the end of the replica's log
    /// @param conflictIndex the first index of the epoch that stands where the previous entry
    ///   should, or one more than the last
    record ReplicateRefusal(Header header, long previousIndex, LogPosition last, long conflictIndex)
            implements PartitionMessage {}

    /// To whoever coordinates or asks in a lower epoch, or under an older history: the header says
    /// the current one.
    ///
    /// @param refusedEpoch what was refused
    record Superseded(Header header, long refusedEpoch) implements PartitionMessage {}

    /// Coordinator to replica, in its epoch: everything up to here is confirmed.
    record ConfirmTransaction(Header header, LogPosition watermark) implements PartitionMessage {}

    /// Replica to coordinator, candidate to the holder of the best log, damaged replica to any:
    /// send a page.
    ///
    /// @param previous the entry before the first that is wanted, as the asker has it
    /// @param lastIndex bound, inclusive; 0 for none
    record PartitionSyncRequest(
            Header header, Purpose purpose, LogPosition previous, long lastIndex)
            implements PartitionMessage {}

    /// A page.
    ///
    /// @param previous as requested
    /// @param matches whether the sender has that entry; if not, there are no entries
    /// @param conflictIndex if not: the first index of the epoch that stands there with the sender,
    ///   or one more than its last
    /// @param sourceLast the end of what the sender may serve
    /// @param confirmed an entry that is known to be confirmed, at or before the end of the page
    record PartitionSyncResponse(
            Header header,
            Purpose purpose,
            LogPosition previous,
            boolean matches,
            long conflictIndex,
            LogPosition sourceLast,
            LogPosition confirmed,
            List<Entry> entries)
            implements PartitionMessage {
        public PartitionSyncResponse {
            entries = List.copyOf(entries);
        }
    }

    /// Replica to all: may I take over? Changes nothing. The header's epoch is the sender's
    /// promise.
    ///
    /// @param nonce comes back in the answer
    record PollRequest(Header header, long nonce) implements PartitionMessage {}

    /// Answer to a poll. The header's epoch is the answering replica's promise.
    ///
    /// @param gone whether nobody coordinates or takes over, as far as the replica knows
    /// @param voter whether it promises and counts
    /// @param sound whether all of its log can be read
    record PollAnswer(
            Header header,
            long nonce,
            boolean gone,
            boolean voter,
            boolean sound,
            LogPosition last,
            LogPosition watermark)
            implements PartitionMessage {}

    /// Candidate to all, in the epoch that it wants; its own promise is durable.
    ///
    /// @param first whether the candidate has no log: needs all replicas
    /// @param firstMembers the storage ids that the first configuration of the candidate's log
    ///   names: tells a replica with an empty log that it stood in it, and so may promise
    record TakeoverRequest(Header header, boolean first, List<UUID> firstMembers)
            implements PartitionMessage {
        public TakeoverRequest {
            firstMembers = List.copyOf(firstMembers);
        }
    }

    /// Replica to candidate, in its epoch: promised, durably, and this is my log.
    record TakeoverPromise(Header header, LogPosition last, LogPosition watermark)
            implements PartitionMessage {}

    /// Replica to candidate: no. The header's epoch is the promised one.
    ///
    /// @param refusedEpoch the one that was asked for
    /// @param blank whether the replica may not promise at all
    record TakeoverRefusal(Header header, long refusedEpoch, boolean blank)
            implements PartitionMessage {}

    /// To a replica with a better log: it is your turn to poll.
    record TurnPassed(Header header) implements PartitionMessage {}

    /// Coordinator to replica, in its epoch: take over at once.
    ///
    /// @param placed whether an operator or balancing wants it, so that it stays
    record TransferConsent(Header header, boolean placed) implements PartitionMessage {}

    /// Coordinator to replica, in its epoch: are you still with me?
    record RoundRequest(Header header, long round) implements PartitionMessage {}

    /// Replica to coordinator, in its epoch: as of this round, yes.
    record RoundAnswer(Header header, long round) implements PartitionMessage {}

    /// Coordinator to a replica whose disk shows less than it has acknowledged: you have lost
    /// memory (protocol review, H17).
    record MemoryLost(Header header, long acknowledgedIndex) implements PartitionMessage {}
}
