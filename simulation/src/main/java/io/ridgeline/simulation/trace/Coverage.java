package io.ridgeline.simulation.trace;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// How often each named event happened.
public final class Coverage {
    private final SortedMap<String, Long> counts = new TreeMap<>();

    /// Counts one.
    public void count(String event) {
        counts.merge(event, 1L, Long::sum);
    }

    /// Counts several.
    public void count(String event, long times) {
        if (times > 0) {
            counts.merge(event, times, Long::sum);
        }
    }

    /// Adds what another counted.
    public void add(Coverage other) {
        other.counts.forEach((event, times) -> counts.merge(event, times, Long::sum));
    }

    /// {@return how often; 0 if never}
    public long of(String event) {
        return counts.getOrDefault(event, 0L);
    }

    /// {@return all counts by name}
    public SortedMap<String, Long> counts() {
        return Collections.unmodifiableSortedMap(counts);
    }
}
