package io.ridgeline.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// Holds what clients were told and saw against what all nodes have in the end (design, section 1).
///
/// That sequences and versions are gapless and ids unique is checked by [History] itself.
final class Checker {
    /// The events of each partition, in order.
    private final SortedMap<Integer, List<RecordedEvent>> end = new TreeMap<>();

    private record Place(int partition, long sequence, long version) {}

    private final Map<UUID, Place> places = new HashMap<>();

    /// @param nodes what each node has of the partitions that it holds, read from its own disk
    /// @param replicas how many nodes hold a partition
    Checker(List<History> nodes, int replicas) {
        Map<Integer, Integer> holding = new HashMap<>();
        for (History node : nodes) {
            node.partitions()
                    .forEach((partition, events) -> {
                        holding.merge(partition, 1, Integer::sum);
                        List<RecordedEvent> first = end.putIfAbsent(partition, events);
                        assertThat(first == null || first.equals(events))
                                .as(
                                        "all nodes that hold partition %d have the same events,"
                                                + " byte for byte: %s",
                                        partition, sizes(nodes, partition))
                                .isTrue();
                    });
        }
        assertThat(holding.values()).as("replicas of each partition").containsOnly(replicas);
        end.values()
                .forEach(events -> events.forEach(event -> places.put(id(event), place(event))));
    }

    private static List<Integer> sizes(List<History> nodes, int partition) {
        return nodes.stream()
                .map(node -> node.partitions().get(partition))
                .filter(Objects::nonNull)
                .map(List::size)
                .toList();
    }

    /// {@return how many events there are}
    int events() {
        return end.values().stream().mapToInt(List::size).sum();
    }

    private static UUID id(RecordedEvent event) {
        return Requests.id(event.getId());
    }

    private static Place place(RecordedEvent event) {
        return new Place(event.getPartition(), event.getSequence(), event.getVersion());
    }

    void check(Chronicle chronicle) {
        for (Attempt attempt : chronicle.attempts()) {
            switch (attempt.answer()) {
                case Attempt.Acknowledged done -> isThere(attempt, done);
                case Attempt.NothingHappened nothing -> isNotThere(attempt, nothing);
                case Attempt.Unknown unknown -> isWholeOrNotThere(attempt, unknown);
            }
        }
        orderIsThatOfTime(chronicle.attempts());
        chronicle.sightings().forEach(this::isPartOfTheEnd);
    }

    /// Promises 1 and 4: where it was said to be, one behind the other.
    private void isThere(Attempt attempt, Attempt.Acknowledged done) {
        int count = attempt.ids().size();
        for (int i = 0; i < count; i++) {
            Place told =
                    new Place(
                            done.partition(),
                            done.firstSequence() + i,
                            done.lastVersion() - count + 1 + i);
            assertThat(places.get(attempt.ids().get(i)))
                    .as("acknowledged, event %d of %s", i, attempt)
                    .isEqualTo(told);
        }
    }

    private void isNotThere(Attempt attempt, Attempt.NothingHappened nothing) {
        for (UUID id : attempt.ids()) {
            assertThat(places.get(id)).as("%s, and yet: %s", nothing, attempt).isNull();
        }
    }

    /// Promises 4 and 7: all or nothing, once (ids are unique).
    private void isWholeOrNotThere(Attempt attempt, Attempt.Unknown unknown) {
        Place first = places.get(attempt.ids().getFirst());
        for (int i = 0; i < attempt.ids().size(); i++) {
            Place found = places.get(attempt.ids().get(i));
            Place expected =
                    first == null
                            ? null
                            : new Place(
                                    first.partition(), first.sequence() + i, first.version() + i);
            assertThat(found).as("%s, event %d of %s", unknown, i, attempt).isEqualTo(expected);
        }
    }

    /// What was acknowledged before another write began stands before it.
    private static void orderIsThatOfTime(List<Attempt> attempts) {
        SortedMap<Integer, List<Attempt>> byPartition = new TreeMap<>();
        for (Attempt attempt : attempts) {
            // A repeat is answered with a place that may be older than its own beginning.
            if (attempt.answer() instanceof Attempt.Acknowledged done && !done.duplicate()) {
                byPartition
                        .computeIfAbsent(done.partition(), any -> new ArrayList<>())
                        .add(attempt);
            }
        }
        byPartition.values().forEach(Checker::orderInPartition);
    }

    private static void orderInPartition(List<Attempt> attempts) {
        List<Attempt> byAnswer = new ArrayList<>(attempts);
        byAnswer.sort(Comparator.comparingLong(Attempt::answeredNanos));
        List<Attempt> bySending = new ArrayList<>(attempts);
        bySending.sort(Comparator.comparingLong(Attempt::sentNanos));
        long highestBefore = -1;
        int answered = 0;
        for (Attempt attempt : bySending) {
            while (answered < byAnswer.size()
                    && byAnswer.get(answered).answeredNanos() < attempt.sentNanos()) {
                highestBefore = Math.max(highestBefore, lastSequence(byAnswer.get(answered++)));
            }
            assertThat(firstSequence(attempt))
                    .as("behind what was acknowledged before it began: %s", attempt)
                    .isGreaterThan(highestBefore);
        }
    }

    private static long firstSequence(Attempt attempt) {
        return ((Attempt.Acknowledged) attempt.answer()).firstSequence();
    }

    private static long lastSequence(Attempt attempt) {
        return ((Attempt.Acknowledged) attempt.answer()).lastSequence();
    }

    /// Promise 5: what was seen is never changed or withdrawn.
    private void isPartOfTheEnd(Chronicle.Sighting sighting) {
        List<RecordedEvent> events = end.getOrDefault(sighting.partition(), List.of());
        for (int i = 0; i < sighting.ids().size(); i++) {
            int at = (int) sighting.first() + i;
            assertThat(at < events.size() ? id(events.get(at)) : null)
                    .as("seen by %s at %d:%d", sighting.what(), sighting.partition(), at)
                    .isEqualTo(sighting.ids().get(i));
        }
    }
}
