package io.ridgeline.engine.replica;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.storage.LogPosition;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a coordinator knows of one replica in its reign.
final class Progress {
    final NodeId node;

    /// Under which it acknowledges; null before its first word.
    @Nullable UUID storageId;

    /// Highest index that its disk holds of this log.
    long acked;

    /// Highest round that it answered.
    long round = -1;

    /// The next entry to be sent.
    long next;

    /// The entry before the first that was sent since `next` was last set: what lies before it is
    /// not known to be acknowledged, but is not under way either.
    long base;

    /// The newest run that acknowledged, for noticing lost memory.
    long runStartedAt;

    /// Whether it gets writes as they come; else pages.
    boolean level = true;

    /// Whether one message at a time is sent, until one is acknowledged.
    boolean probing;

    /// Whether its node or connection is new, so that it must be asked where it is.
    boolean probe;

    LogPosition sentWatermark = LogPosition.NONE;

    /// When the watermark is told by itself; never if no higher one is known.
    long confirmAt = Long.MAX_VALUE;

    long resendAt = Long.MAX_VALUE;
    long resendNanos;

    Progress(NodeId node, long next) {
        this.node = node;
        goTo(next);
    }

    /// A message with the watermark is sent.
    void tells(LogPosition watermark) {
        sentWatermark = watermark;
        confirmAt = Long.MAX_VALUE;
    }

    /// Goes on with sending at an index.
    void goTo(long index) {
        next = index;
        base = index - 1;
    }

    /// {@return the last entry that is not under way}
    long settled() {
        return Math.max(acked, base);
    }

    boolean isOutstanding() {
        return probe || acked < next - 1;
    }
}
