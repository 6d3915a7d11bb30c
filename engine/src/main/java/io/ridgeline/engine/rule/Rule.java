package io.ridgeline.engine.rule;

/// A rule of the protocol that a mutant may leave out. Ids are those of the protocol review.
public enum Rule {
    /// C1: a replica promises an epoch once, or repeats the very same promise.
    PROMISE_ONCE,
    /// C2: takeovers use T, which meets every other T, not N − W + 1.
    TAKEOVERS_MEET,
    /// C3: a promise is answered once it and everything appended before it is durable.
    PROMISE_SYNCS_TAIL,
    /// C3: after a promise nothing of a lower epoch is acknowledged.
    PROMISE_STOPS_ACKS,
    /// C4: an ack says min(durable, matched), not the end of the log.
    ACK_MATCHED_ONLY,
    /// C5: a confirmation is taken only where the own entry has the confirmed epoch.
    CONFIRM_BY_EPOCH,
    /// C6: an epoch ends with its run; nobody resumes one.
    EPOCH_ENDS_WITH_RUN,
    /// C7: durability names index and epoch, and says nothing about a successor.
    DURABLE_NAMES_EPOCH,
    /// C9: a blank replica does not promise.
    BLANK_DOES_NOT_PROMISE,
    /// C9: a replica promises once its readmission is at or below its own watermark.
    PROMISE_AFTER_READMISSION,
    /// C9: acks and promises count only for the storage id that the log names.
    COUNT_NAMED_STORAGE,
    /// C9: a readmission or a change is confirmed by N − T + 1 of the old members, too.
    CHANGE_NEEDS_OLD,
    /// C9: promises are counted again by what the adopted log names.
    RECOUNT_AFTER_ADOPTION,
    /// C10: until a change is known to be confirmed, old and new counts must both be met.
    JOINT_COUNT,
    /// C10: one unconfirmed change at a time, and none before the epoch start is confirmed.
    ONE_CHANGE_AT_A_TIME,
    /// C9: a confirmed change is said once more, which shows for ever that it is confirmed.
    CHANGE_IS_REPEATED,
    /// C13: a repeat is answered once its first attempt is confirmed.
    DUPLICATE_WAITS,
    /// C13: ids are looked up in the unconfirmed tail, too.
    IDS_INCLUDE_TAIL,
    /// C13: ids are checked before conditions.
    IDS_BEFORE_CONDITIONS,
    /// C15: entries that are there are no reason to cut what follows them.
    CUT_ONLY_WHERE_DIFFERENT,
    /// Raft 5.4.2: only entries of the current epoch are counted directly.
    COUNT_CURRENT_EPOCH,
    /// H12, H16: a candidate adopts the best log among its promises.
    ADOPT_BEST_LOG,
    /// H1: what was ordered is never refused.
    ORDERED_NEVER_REFUSED,
    /// H1: discarded is what another entry is confirmed in place of, not what was dropped here.
    DISCARD_NEEDS_CONFIRMATION,
    /// H2: a conflict waits until what it rests on is confirmed.
    CONFLICT_WAITS,
    /// H2: a conflict needs a round in this epoch that began after the request came.
    CONFLICT_NEEDS_ROUND,
    /// H3: a promise binds against lower epochs, not to its candidate.
    ACCEPT_ANY_WINNER,
    /// H4: a coordinator without two-way contact to W replicas drops its claim.
    CLAIM_NEEDS_CONTACT,
    /// H5: a candidate that claims progress is not disturbed.
    RESPECT_CANDIDATE,
    /// H6: a poll that changes nothing comes before an epoch is raised.
    POLL_FIRST,
    /// H6: the next epoch is one above the highest that was heard.
    EPOCH_ABOVE_HEARD,
    /// H7: unacknowledged writes are sent again.
    RESEND,
    /// H7: a digest is repeated until it is acknowledged.
    DIGEST_REPEATS,
    /// H9: the saved watermark is at most the durable index.
    WATERMARK_WITHIN_DURABLE,
    /// H10: a round that serves a read begins after it.
    ROUND_AFTER_READ,
    /// H10: linearizable reads wait for the epoch start.
    READ_AFTER_EPOCH_START,
    /// H14: a damaged replica is no candidate.
    DAMAGED_NO_CANDIDATE,
    /// H15: a rising epoch empties the write buffer.
    BUFFER_ENDS_WITH_EPOCH,
    /// H16: only the coordinator, or whom a candidate adopts from, serves unconfirmed entries.
    SERVE_CONFIRMED_ONLY,
    /// A message of an epoch below the promised one is refused.
    EPOCH_CHECKED,
    /// A write is acknowledged after the sync that covers it.
    ACK_AFTER_SYNC,
    /// The coordinator counts itself after its own sync.
    OWN_SYNC_FIRST,
    /// H8: messages of an older run of a node are refused.
    STALE_RUN_REFUSED,
    /// One run coordinates an epoch.
    ONE_RUN_PER_EPOCH,
    /// A write is confirmed by W replicas, not by fewer.
    WRITE_QUORUM,
    /// Answers go out in log order.
    ANSWER_IN_ORDER,
    /// Readers see the confirmed prefix only.
    PUBLISH_CONFIRMED_ONLY,
    /// Raft log matching: the entry before must be the same.
    CHAIN_CHECKED,
    /// Append conditions are checked against heads that include unconfirmed entries.
    CONDITIONS_CHECKED,
    /// C16: messages and positions of another history are refused.
    HISTORY_CHECKED,
    /// The own promise is durable before others are asked.
    OWN_PROMISE_FIRST,
    /// A higher epoch is saved before anything of it is acknowledged.
    EPOCH_SAVED,
    /// A coordinator that learns of a higher epoch becomes a replica.
    STEP_DOWN,
    /// M9: the first coordinator of a partition needs all replicas once.
    BOOTSTRAP_NEEDS_ALL,
    /// M11: the repeat of an id is compared with its first content.
    CONTENT_COMPARED,
    /// A session read waits for the caller's position.
    SESSION_WAITS,
    /// C4: what was matched is forgotten when the epoch rises.
    MATCHED_PER_EPOCH,
    /// Acks of another epoch are ignored.
    ACK_EPOCH_CHECKED
}
