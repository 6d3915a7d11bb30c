package io.ridgeline.it.chaos;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What clients did and saw. Any thread may add to it.
final class Chronicle {
    private final Collection<Attempt> attempts = new ConcurrentLinkedQueue<>();
    private final Collection<Sighting> sightings = new ConcurrentLinkedQueue<>();
    private final SortedMap<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /// Events of a partition that somebody saw, one behind the other.
    ///
    /// @param what saw them
    /// @param first sequence of the first
    record Sighting(String what, int partition, long first, List<UUID> ids) {
        Sighting {
            ids = List.copyOf(ids);
        }
    }

    void add(Attempt attempt) {
        attempts.add(attempt);
        if (attempt.answer() instanceof Attempt.Acknowledged done) {
            acknowledged.merge(done.partition(), done.lastSequence(), Math::max);
        }
    }

    void add(Sighting sighting) {
        if (!sighting.ids().isEmpty()) {
            sightings.add(sighting);
        }
    }

    /// A promise was seen broken while the clients ran.
    void broken(Throwable what) {
        failure.compareAndSet(null, what);
    }

    /// Fails if a promise was seen broken.
    void requireWhole() {
        Throwable found = failure.get();
        if (found != null) {
            throw new AssertionError("while the clients ran: " + found.getMessage(), found);
        }
    }

    /// {@return per partition the highest sequence that was acknowledged so far}
    SortedMap<Integer, Long> acknowledged() {
        return new TreeMap<>(acknowledged);
    }

    List<Attempt> attempts() {
        return new ArrayList<>(attempts);
    }

    List<Sighting> sightings() {
        return new ArrayList<>(sightings);
    }

    /// {@return how many attempts got that kind of answer}
    long count(Class<? extends Attempt.Answer> kind) {
        return attempts.stream().filter(each -> kind.isInstance(each.answer())).count();
    }
}
