package io.ridgeline.it.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.EventStoreGrpc.EventStoreBlockingStub;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadResponse;
import io.ridgeline.api.v1.RecordedEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All events that a node shows at one time, checked against the promises that hold at every time:
/// sequences and versions without gaps from 0, ids once per partition key.
public final class History {
    private final SortedMap<Integer, List<RecordedEvent>> partitions = new TreeMap<>();
    private final Map<ByteString, RecordedEvent> byId = new HashMap<>();

    private History() {}

    /// {@return all that was acknowledged before the call}
    public static History of(EventStoreBlockingStub node) {
        return of(node, Consistency.LINEARIZABLE);
    }

    /// {@return all that the node knows to be confirmed}
    public static History local(EventStoreBlockingStub node) {
        return of(node, Consistency.LOCAL);
    }

    /// {@return all of the partitions that the node knows to be confirmed; also those without
    /// events are among its partitions}
    public static History local(EventStoreBlockingStub node, Set<Integer> partitions) {
        History history =
                read(
                        node,
                        ReadAllRequest.newBuilder()
                                .setConsistency(Consistency.LOCAL)
                                .addAllPartitions(partitions)
                                .build());
        partitions.forEach(
                each -> history.partitions.computeIfAbsent(each, any -> new ArrayList<>()));
        return history;
    }

    private static History of(EventStoreBlockingStub node, Consistency consistency) {
        return read(node, ReadAllRequest.newBuilder().setConsistency(consistency).build());
    }

    private static History read(EventStoreBlockingStub node, ReadAllRequest request) {
        History history = new History();
        Iterator<ReadResponse> answers = node.readAll(request);
        while (answers.hasNext()) {
            answers.next().getEventsList().forEach(history::add);
        }
        history.check();
        return history;
    }

    /// {@return the events of each partition that has some or was asked for, in order}
    public SortedMap<Integer, List<RecordedEvent>> partitions() {
        return partitions;
    }

    /// {@return the event of that id}
    public @Nullable RecordedEvent find(ByteString id) {
        return byId.get(id);
    }

    /// {@return how many events there are}
    public int size() {
        return partitions.values().stream().mapToInt(List::size).sum();
    }

    /// Fails unless everything that was there earlier still is, unchanged and in its place.
    public void continues(History earlier) {
        earlier.partitions.forEach((partition, events) -> {
            List<RecordedEvent> now = partitions.getOrDefault(partition, List.of());
            assertThat(now.size())
                    .as("events in partition %d", partition)
                    .isGreaterThanOrEqualTo(events.size());
            assertThat(now.subList(0, events.size()).equals(events))
                    .as("partition %d still begins with what was seen before", partition)
                    .isTrue();
        });
    }

    private void add(RecordedEvent event) {
        partitions.computeIfAbsent(event.getPartition(), any -> new ArrayList<>()).add(event);
        byId.put(event.getId(), event);
    }

    private void check() {
        Map<List<String>, Long> nextVersions = new HashMap<>();
        Set<List<Object>> ids = new HashSet<>();
        partitions.forEach((partition, events) -> {
            long nextSequence = 0;
            for (RecordedEvent event : events) {
                String key = keyOf(event);
                if (event.getSequence() != nextSequence++) {
                    throw new AssertionError(
                            "sequence " + (nextSequence - 1) + " expected: " + event);
                }
                List<String> stream = List.of(key, event.getStream());
                long version = nextVersions.merge(stream, 1L, Long::sum) - 1;
                if (event.getVersion() != version) {
                    throw new AssertionError("version " + version + " expected: " + event);
                }
                if (!ids.add(List.of(key, event.getId()))) {
                    throw new AssertionError("a second event with this id: " + event);
                }
            }
        });
    }

    /// {@return the partition key that an event was written with}
    public static String keyOf(RecordedEvent event) {
        return event.getPartitionKey().isEmpty() ? event.getStream() : event.getPartitionKey();
    }
}
