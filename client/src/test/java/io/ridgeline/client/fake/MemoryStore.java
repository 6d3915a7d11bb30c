package io.ridgeline.client.fake;

import com.google.protobuf.ByteString;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.Error;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.StreamCondition;
import io.ridgeline.api.v1.StreamVersions;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.client.KeySlots;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the promises say, as plainly as possible: lists and maps under one lock.
public final class MemoryStore {
    /// How many partitions it has.
    public static final int PARTITIONS = 4;

    /// What it fills in for events without a time: 2026-11-01 in microseconds.
    public static final long NOW_MICROS = 1_793_491_200_000_000L;

    private final List<List<RecordedEvent>> partitions = new ArrayList<>();
    private final Map<StreamKey, List<RecordedEvent>> streams = new HashMap<>();
    private final Map<IdKey, Done> doneById = new HashMap<>();
    private final List<Runnable> listeners = new ArrayList<>();

    private record StreamKey(String partitionKey, String stream) {}

    private record IdKey(String partitionKey, ByteString id) {}

    private record Done(AppendRequest request, AppendResponse response) {}

    /// An empty store.
    public MemoryStore() {
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new ArrayList<>());
        }
    }

    /// {@return the partition of a key: each has as many slots, one behind the other}
    public static int partitionOf(String partitionKey) {
        return KeySlots.of(partitionKey) / (KeySlots.COUNT / PARTITIONS);
    }

    /// Decides a transaction.
    public AppendResult append(AppendRequest request) {
        AppendResult result;
        List<Runnable> toCall;
        synchronized (this) {
            result = decide(request);
            toCall = List.copyOf(listeners);
        }
        toCall.forEach(Runnable::run);
        return result;
    }

    private AppendResult decide(AppendRequest request) {
        if (request.getEventsCount() == 0) {
            return error(ErrorCode.INVALID_REQUEST, "no events", Map.of("field", "events"));
        }
        String key =
                request.getPartitionKey().isEmpty()
                        ? request.getEvents(0).getStream()
                        : request.getPartitionKey();
        int known = 0;
        for (NewEvent event : request.getEventsList()) {
            if (event.getId().size() != 16 || event.getType().isEmpty()) {
                return error(ErrorCode.INVALID_REQUEST, "bad event", Map.of("field", "id"));
            }
            known += doneById.containsKey(new IdKey(key, event.getId())) ? 1 : 0;
        }
        if (known > 0) {
            Done done = doneById.get(new IdKey(key, request.getEvents(0).getId()));
            if (done != null && done.request().getEventsList().equals(request.getEventsList())) {
                return AppendResult.newBuilder()
                        .setAppended(done.response().toBuilder().setDuplicate(true))
                        .build();
            }
            return error(ErrorCode.EVENT_ID_CONFLICT, "ids are taken", Map.of());
        }
        for (AppendCondition condition : request.getConditionsList()) {
            Optional<AppendResult> conflict = check(key, condition.getStream());
            if (conflict.isPresent()) {
                return conflict.get();
            }
        }
        return AppendResult.newBuilder().setAppended(apply(key, request)).build();
    }

    private Optional<AppendResult> check(String key, StreamCondition condition) {
        long current =
                streams.getOrDefault(new StreamKey(key, condition.getStream()), List.of()).size()
                        - 1L;
        boolean holds =
                switch (condition.getExpectCase()) {
                    case ANY, EXPECT_NOT_SET -> true;
                    case NO_STREAM -> current == -1;
                    case STREAM_EXISTS -> current >= 0;
                    case EXACT_VERSION -> current == condition.getExactVersion();
                };
        return holds
                ? Optional.empty()
                : Optional.of(
                        error(
                                ErrorCode.VERSION_CONFLICT,
                                "stream " + condition.getStream() + " is at version " + current,
                                Map.of(
                                        "stream",
                                        condition.getStream(),
                                        "expected",
                                        condition.getExpectCase().name(),
                                        "current_version",
                                        Long.toString(current))));
    }

    private AppendResponse apply(String key, AppendRequest request) {
        int partition = partitionOf(key);
        List<RecordedEvent> log = partitions.get(partition);
        long first = log.size();
        Map<String, StreamVersions.Builder> versions = new LinkedHashMap<>();
        for (NewEvent event : request.getEventsList()) {
            List<RecordedEvent> stream =
                    streams.computeIfAbsent(
                            new StreamKey(key, event.getStream()), it -> new ArrayList<>());
            long version = stream.size();
            List<Tag> tags = new ArrayList<>(event.getTagsList());
            tags.sort(Comparator.comparing(Tag::getKey));
            RecordedEvent recorded =
                    RecordedEvent.newBuilder()
                            .setId(event.getId())
                            .setStream(event.getStream())
                            .setVersion(version)
                            .setPartition(partition)
                            .setSequence(log.size())
                            .setType(event.getType())
                            .setContentType(event.getContentType())
                            .setData(event.getData())
                            .setMetadata(event.getMetadata())
                            .addAllTags(tags)
                            .setCreatedMicros(
                                    event.getCreatedMicros() == 0
                                            ? NOW_MICROS
                                            : event.getCreatedMicros())
                            .setPartitionKey(key.equals(event.getStream()) ? "" : key)
                            .build();
            log.add(recorded);
            stream.add(recorded);
            versions.computeIfAbsent(
                            event.getStream(),
                            it ->
                                    StreamVersions.newBuilder()
                                            .setStream(it)
                                            .setFirstVersion(version))
                    .setLastVersion(version);
        }
        AppendResponse.Builder response =
                AppendResponse.newBuilder()
                        .setPosition(
                                PartitionPosition.newBuilder()
                                        .setPartition(partition)
                                        .setSequence(log.size() - 1L))
                        .setFirstSequence(first);
        versions.values().forEach(response::addStreams);
        AppendResponse built = response.build();
        for (NewEvent event : request.getEventsList()) {
            doneById.put(new IdKey(key, event.getId()), new Done(request, built));
        }
        return built;
    }

    /// {@return an error as an answer}
    public static AppendResult error(ErrorCode code, String message, Map<String, String> metadata) {
        return AppendResult.newBuilder()
                .setError(
                        Error.newBuilder()
                                .setCode(code)
                                .setMessage(message)
                                .putAllMetadata(metadata))
                .build();
    }

    /// {@return a copy of the events of a stream}
    public synchronized List<RecordedEvent> stream(String partitionKey, String stream) {
        return List.copyOf(
                streams.getOrDefault(
                        new StreamKey(partitionKey.isEmpty() ? stream : partitionKey, stream),
                        List.of()));
    }

    /// {@return a copy of the events of a partition}
    public synchronized List<RecordedEvent> partition(int partition) {
        return partition < PARTITIONS ? List.copyOf(partitions.get(partition)) : List.of();
    }

    /// {@return how many events there are}
    public synchronized int size() {
        return partitions.stream().mapToInt(List::size).sum();
    }

    /// {@return the first event with an id in the partitions}
    public synchronized @Nullable RecordedEvent find(ByteString id, Set<Integer> in) {
        for (int partition : in) {
            for (RecordedEvent event : partitions.get(partition)) {
                if (event.getId().equals(id)) {
                    return event;
                }
            }
        }
        return null;
    }

    /// {@return the end of every partition}
    public synchronized Position end() {
        Position.Builder position = Position.newBuilder();
        for (int i = 0; i < PARTITIONS; i++) {
            position.addPartitions(
                    PartitionPosition.newBuilder()
                            .setPartition(i)
                            .setSequence(partitions.get(i).size() - 1L));
        }
        return position.build();
    }

    /// Calls the listener after every append, on the thread of the append.
    public synchronized void onAppend(Runnable listener) {
        listeners.add(listener);
    }
}
