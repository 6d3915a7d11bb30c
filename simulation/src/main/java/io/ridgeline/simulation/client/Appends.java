package io.ridgeline.simulation.client;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.simulation.checker.ChosenEvents;
import io.ridgeline.simulation.checker.Operation;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Tag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes appends up.
final class Appends {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Cluster cluster;
    private final Seeded random;

    Appends(Cluster cluster, Seeded random) {
        this.cluster = cluster;
        this.random = random;
    }

    Operation fresh(PartitionId partition) {
        String key = "p" + partition + "k" + random.between(0, cluster.plan().streams() - 1);
        List<NewEvent> events = new ArrayList<>();
        int count = random.chance(0.7) ? 1 : random.between(1, 4);
        for (int i = 0; i < count; i++) {
            events.add(event(key));
        }
        return cluster.checker()
                .ledger()
                .open(partition, key, events, conditions(partition, key, events));
    }

    private NewEvent event(String key) {
        byte[] data = new byte[random.chance(0.05) ? 600 : random.between(1, 40)];
        random.nextBytes(data);
        return new NewEvent(
                random.uuid(),
                random.chance(0.8) ? key : key + "/other",
                "opened",
                "",
                1_000L * random.between(0, 1_000_000),
                0,
                random.chance(0.1) ? List.of(new Tag("colour", "blue")) : List.of(),
                EMPTY,
                ByteBuffer.wrap(data));
    }

    private List<AppendCondition> conditions(
            PartitionId partition, String key, List<NewEvent> events) {
        if (random.chance(0.35)) {
            return List.of();
        }
        // Not always a stream that is written to.
        String stream = random.chance(0.9) ? events.getFirst().stream() : key;
        StreamKey on = new StreamKey(key, stream);
        ChosenEvents chosen = cluster.checker().events(partition);
        long head = chosen.lastVersion(on, Long.MAX_VALUE);
        int dice = random.between(0, 9);
        Expectation expect;
        if (dice == 0) {
            expect = new Expectation.Any();
        } else if (dice == 1 || (dice >= 4 && head < 0)) {
            expect = new Expectation.NoStream();
        } else if (dice == 2) {
            expect = new Expectation.StreamExists();
        } else if (dice == 3) {
            expect = new Expectation.ExactVersion(random.between(0L, Math.max(3, head + 3)));
        } else {
            expect = new Expectation.ExactVersion(head);
        }
        return List.of(new StreamCondition(on, expect));
    }

    /// An operation of anybody that was begun before, soon or long ago.
    @Nullable Operation earlier() {
        List<Operation> all = cluster.checker().ledger().operations();
        if (all.isEmpty()) {
            return null;
        }
        int back = (int) random.spread(1, all.size());
        return all.get(all.size() - back);
    }

    /// Ids of an earlier operation with other events around them.
    Operation sameIdsOtherwise(PartitionId otherwise) {
        @Nullable Operation earlier = earlier();
        if (earlier == null || earlier.isVariant() || earlier.partitionKey().startsWith("probe")) {
            return fresh(otherwise);
        }
        List<NewEvent> events = new ArrayList<>(earlier.events());
        int dice = random.between(0, 3);
        if (dice == 0 || (events.size() == 1 && dice == 2)) {
            events.set(0, otherData(events.getFirst()));
        } else if (dice == 1) {
            events.add(event(earlier.partitionKey()));
        } else if (dice == 2) {
            events.addFirst(events.removeLast());
        } else {
            events.add(events.getFirst());
        }
        return cluster.checker()
                .ledger()
                .openVariant(earlier.partition(), earlier.partitionKey(), events);
    }

    private NewEvent otherData(NewEvent event) {
        return new NewEvent(
                event.id(),
                event.stream(),
                event.type(),
                event.contentType(),
                event.createdMicros(),
                event.schemaId(),
                event.tags(),
                event.metadata(),
                ByteBuffer.wrap(("other " + random.nextLong()).getBytes(StandardCharsets.UTF_8)));
    }
}
