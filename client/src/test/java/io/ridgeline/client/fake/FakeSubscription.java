package io.ridgeline.client.fake;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// One subscription: looks at the store whenever something may have changed.
final class FakeSubscription {
    private final FakeServer server;
    private final SubscribeRequest request;
    private final ServerCallStreamObserver<SubscribeFrame> call;
    private final Set<Integer> partitions;
    private final long[] next = new long[MemoryStore.PARTITIONS];
    private long nextVersion;
    private long caughtUpAt = -1;
    private int frames;
    private boolean ended;

    FakeSubscription(
            FakeServer server,
            SubscribeRequest request,
            ServerCallStreamObserver<SubscribeFrame> call) {
        this.server = server;
        this.request = request;
        this.call = call;
        this.partitions = partitions(server, request);
    }

    /// {@return the partitions that a request is about}
    static Set<Integer> partitions(FakeServer server, SubscribeRequest request) {
        SubscribeRequest.StreamSource stream = request.getStream();
        return switch (request.getSourceCase()) {
            case STREAM ->
                    Set.of(
                            MemoryStore.partitionOf(
                                    stream.getPartitionKey().isEmpty()
                                            ? stream.getStream()
                                            : stream.getPartitionKey()));
            case PARTITION -> Set.of(request.getPartition().getPartition());
            case ALL, SOURCE_NOT_SET -> server.asked(request.getAll().getPartitionsList());
        };
    }

    void start() {
        boolean atEnd =
                request.getAll().hasEnd()
                        || request.getPartition().hasEnd()
                        || request.getStream().hasEnd();
        Position from = atEnd ? server.store.end() : request.getAll().getAfter();
        for (PartitionPosition place : from.getPartitionsList()) {
            next[place.getPartition()] = place.getSequence() + 1;
        }
        if (request.getPartition().hasFromSequence()) {
            next[request.getPartition().getPartition()] = request.getPartition().getFromSequence();
        }
        nextVersion = request.getStream().getFromVersion();
        caughtUpAt = server.store.size();
        call.setOnCancelHandler(() -> {
            synchronized (this) {
                ended = true;
            }
        });
        call.setOnReadyHandler(this::pump);
    }

    synchronized void pump() {
        while (!ended && call.isReady()) {
            List<RecordedEvent> looked = look();
            if (looked.isEmpty()) {
                if (caughtUpAt >= 0) {
                    caughtUpAt = -1;
                    call.onNext(
                            SubscribeFrame.newBuilder()
                                    .setCaughtUp(
                                            SubscribeFrame.CaughtUp.newBuilder()
                                                    .setPosition(position()))
                                    .build());
                    continue;
                }
                return;
            }
            List<RecordedEvent> matching = looked.stream().filter(this::matches).toList();
            if (matching.isEmpty()) {
                call.onNext(
                        SubscribeFrame.newBuilder()
                                .setCheckpoint(
                                        SubscribeFrame.Checkpoint.newBuilder()
                                                .setPosition(position()))
                                .build());
            } else if (frames++ == server.breakingAfter) {
                ended = true;
                call.onError(Status.UNAVAILABLE.asException());
            } else {
                server.framesSent.incrementAndGet();
                call.onNext(
                        SubscribeFrame.newBuilder()
                                .setEvents(
                                        SubscribeFrame.Events.newBuilder().addAllEvents(matching))
                                .build());
            }
        }
    }

    private List<RecordedEvent> look() {
        List<RecordedEvent> found = new ArrayList<>();
        if (request.hasStream()) {
            List<RecordedEvent> stream =
                    server.store.stream(
                            request.getStream().getPartitionKey(), request.getStream().getStream());
            while (nextVersion < stream.size() && found.size() < server.eventsPerMessage) {
                found.add(stream.get((int) nextVersion++));
            }
            return found;
        }
        for (int i : partitions) {
            List<RecordedEvent> log = server.store.partition(i);
            while (next[i] < log.size() && found.size() < server.eventsPerMessage) {
                found.add(log.get((int) next[i]++));
            }
        }
        return found;
    }

    private Position position() {
        Position.Builder position = Position.newBuilder();
        for (int i : partitions) {
            position.addPartitions(FakeEventStore.place(i, next[i] - 1));
        }
        return position.build();
    }

    private boolean matches(RecordedEvent event) {
        Filter filter = request.getFilter();
        return (filter.getTypesCount() == 0 || filter.getTypesList().contains(event.getType()))
                && (filter.getStreamPrefixesCount() == 0
                        || filter.getStreamPrefixesList().stream()
                                .anyMatch(event.getStream()::startsWith))
                && event.getTagsList().containsAll(filter.getTagsList());
    }
}
