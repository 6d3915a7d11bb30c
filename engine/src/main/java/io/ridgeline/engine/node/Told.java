package io.ridgeline.engine.node;

/// Which of the last 64 heartbeats told a peer a claim as it is now.
///
/// An echo names one heartbeat and proves that this one was heard, nothing of those before it. A
/// heartbeat has room for some claims only, so the one that is echoed need not hold what a lost one
/// held.
final class Told {
    private static final int REMEMBERED = Long.SIZE;

    private long last;

    /// Bit n stands for the heartbeat that is n before the last.
    private long heartbeats;

    /// A heartbeat tells it.
    ///
    /// @param sequence above that of all before
    void in(long sequence) {
        long since = sequence - last;
        heartbeats = (since < REMEMBERED ? heartbeats << since : 0) | 1;
        last = sequence;
    }

    /// {@return whether a heartbeat told it, as far as is remembered}
    boolean wasIn(long sequence) {
        long before = last - sequence;
        return 0 <= before && before < REMEMBERED && (heartbeats >>> before & 1) == 1;
    }
}
