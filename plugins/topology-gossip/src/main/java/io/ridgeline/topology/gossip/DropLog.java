package io.ridgeline.topology.gossip;

import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Says what was dropped and why, sparsely: what is new in a line of its own, but no more than one
/// in ten seconds for each cause; what is not new is only counted. A flood fills no disk.
///
/// Gossip's thread only, but for the counts.
final class DropLog {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int TEXTS_MAX = 256;

    private static final class Count {
        final AtomicLong dropped = new AtomicLong();
        long unsaid;
        long nextNanos;

        Count(long nextNanos) {
            this.nextNanos = nextNanos;
        }
    }

    private final Map<Dropped.Cause, Count> counts = new EnumMap<>(Dropped.Cause.class);
    private final Set<String> said = new HashSet<>();
    private final Consumer<String> log;

    DropLog(Consumer<String> log, long startNanos) {
        this.log = log;
        for (Dropped.Cause cause : Dropped.Cause.values()) {
            counts.put(cause, new Count(startNanos));
        }
    }

    void onDropped(Dropped dropped, SocketAddress from, long nowNanos) {
        Count count = count(dropped.reason());
        count.dropped.incrementAndGet();
        if (said.size() >= TEXTS_MAX) {
            said.clear();
        }
        boolean isNew = !said.contains(dropped.text());
        if (!isNew || nowNanos - count.nextNanos < 0) {
            count.unsaid++;
            return;
        }
        said.add(dropped.text());
        count.nextNanos = nowNanos + PAUSE_NANOS;
        log.accept(
                "gossip from "
                        + from
                        + " dropped: "
                        // A stranger must not be able to write lines of its own.
                        + dropped.text().replaceAll("[^\\p{Print}]", "?")
                        + (count.unsaid == 0
                                ? ""
                                : " (" + count.unsaid + " more since the last line)"));
        count.unsaid = 0;
    }

    private Count count(Dropped.Cause cause) {
        return Objects.requireNonNull(counts.get(cause));
    }

    /// {@return how many were dropped for a cause; any thread may ask}
    long dropped(Dropped.Cause cause) {
        return count(cause).dropped.get();
    }
}
