package io.ridgeline.client.fake;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.AppendStreamResponse;
import io.ridgeline.api.v1.Direction;
import io.ridgeline.api.v1.Error;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.GetEventResponse;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.NodeAddress;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.PartitionReplicas;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadResponse;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SlotRange;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.client.KeySlots;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

final class FakeEventStore extends EventStoreGrpc.EventStoreImplBase {
    private final FakeServer server;

    FakeEventStore(FakeServer server) {
        this.server = server;
    }

    private AppendResult decide(AppendRequest request) {
        return server.refusal.apply(request).orElseGet(() -> server.store.append(request));
    }

    @Override
    public void append(AppendRequest request, StreamObserver<AppendResponse> answers) {
        server.unary.add(request);
        AppendResult result = decide(request);
        if (result.hasError()) {
            answers.onError(exception(result.getError()));
        } else {
            answers.onNext(result.getAppended());
            answers.onCompleted();
        }
    }

    /// The error as docs/api.md says.
    static StatusRuntimeException exception(Error error) {
        Code code =
                switch (error.getCode()) {
                    case VERSION_CONFLICT -> Code.FAILED_PRECONDITION;
                    case INVALID_REQUEST, TOO_LARGE -> Code.INVALID_ARGUMENT;
                    case NOT_FOUND -> Code.NOT_FOUND;
                    case OVERLOADED, STORAGE_FULL -> Code.RESOURCE_EXHAUSTED;
                    default -> Code.UNAVAILABLE;
                };
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(code.getNumber())
                        .setMessage(error.getMessage())
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setDomain("ridgeline")
                                                .setReason(error.getCode().name())
                                                .putAllMetadata(error.getMetadataMap())
                                                .build()))
                        .build());
    }

    @Override
    public StreamObserver<AppendStreamRequest> appendStream(
            StreamObserver<AppendStreamResponse> answers) {
        // A client that has gone is no error here.
        ((ServerCallStreamObserver<AppendStreamResponse>) answers).setOnCancelHandler(() -> {});
        return new StreamObserver<>() {
            private boolean broken;

            @Override
            public void onNext(AppendStreamRequest message) {
                if (broken) {
                    return;
                }
                server.messages.add(message);
                AppendStreamResponse.Builder answer = AppendStreamResponse.newBuilder();
                message.getAppendsList().forEach(it -> answer.addResults(decide(it)));
                if (server.losing.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
                    broken = true;
                    server.answer(() ->
                            answers.onError(
                                    Status.UNAVAILABLE.withDescription("lost").asException()));
                    return;
                }
                server.answer(() -> {
                    synchronized (answers) {
                        answers.onNext(answer.build());
                    }
                });
            }

            @Override
            public void onError(Throwable error) {
                broken = true;
            }

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    @Override
    public void getEvent(GetEventRequest request, StreamObserver<GetEventResponse> answers) {
        String key = request.getPartitionKey();
        Set<Integer> asked =
                key.isEmpty()
                        ? server.asked(request.getPartitionsList())
                        : Set.of(MemoryStore.partitionOf(key));
        Set<Integer> here = new TreeSet<>(asked);
        here.removeIf(partition -> !server.holds(partition));
        RecordedEvent event = server.store.find(request.getId(), here);
        if (event == null && refuses(asked, answers)) {
            return;
        } else if (event == null) {
            answers.onError(
                    exception(
                            MemoryStore.error(ErrorCode.NOT_FOUND, "no such event", Map.of())
                                    .getError()));
        } else {
            answers.onNext(GetEventResponse.newBuilder().setEvent(event).build());
            answers.onCompleted();
        }
    }

    @Override
    public void readStream(ReadStreamRequest request, StreamObserver<ReadResponse> answers) {
        String key =
                request.getPartitionKey().isEmpty()
                        ? request.getStream()
                        : request.getPartitionKey();
        if (refuses(Set.of(MemoryStore.partitionOf(key)), answers)) {
            return;
        }
        List<RecordedEvent> all =
                server.store.stream(request.getPartitionKey(), request.getStream());
        boolean backward = request.getDirection() == Direction.BACKWARD;
        send(
                cut(
                        all,
                        request.hasFromVersion(),
                        request.getFromVersion(),
                        backward,
                        request.getLimit()),
                answers);
    }

    @Override
    public void readPartition(ReadPartitionRequest request, StreamObserver<ReadResponse> answers) {
        if (refuses(Set.of(request.getPartition()), answers)) {
            return;
        }
        boolean backward = request.getDirection() == Direction.BACKWARD;
        send(
                cut(
                        server.store.partition(request.getPartition()),
                        request.hasFromSequence(),
                        request.getFromSequence(),
                        backward,
                        request.getLimit()),
                answers);
    }

    @Override
    public void readAll(ReadAllRequest request, StreamObserver<ReadResponse> answers) {
        server.readAlls.add(request);
        Set<Integer> asked = server.asked(request.getPartitionsList());
        if (!refuses(asked, answers)) {
            List<RecordedEvent> events = after(request.getAfter(), asked);
            send(cut(events, false, 0, false, request.getLimit()), answers);
        }
    }

    /// @return whether the server holds less than that
    private boolean refuses(Set<Integer> partitions, StreamObserver<?> answers) {
        for (int partition : partitions) {
            if (!server.holds(partition)) {
                List<FakeServer> replicas =
                        server.cluster().stream().filter(it -> it.holds(partition)).toList();
                server.wrongNode.incrementAndGet();
                answers.onError(
                        exception(
                                MemoryStore.error(
                                                ErrorCode.NOT_REPLICA,
                                                "not here",
                                                Map.of(
                                                        "partition",
                                                        Integer.toString(partition),
                                                        "replicas",
                                                        list(replicas, it -> it.name),
                                                        "replica_addresses",
                                                        list(replicas, FakeServer::address)))
                                        .getError()));
                return true;
            } else if (partition == server.unreadable()) {
                answers.onError(
                        exception(
                                MemoryStore.error(
                                                server.unreadableAs(),
                                                "not yet",
                                                Map.of("partition", Integer.toString(partition)))
                                        .getError()));
                return true;
            }
        }
        return false;
    }

    private static String list(List<FakeServer> servers, Function<FakeServer, String> what) {
        return String.join(",", servers.stream().map(what).toList());
    }

    @Override
    public void getRouting(GetRoutingRequest request, StreamObserver<GetRoutingResponse> answers) {
        server.routings.incrementAndGet();
        if (!server.knowsItsCluster()) {
            super.getRouting(request, answers);
            return;
        }
        GetRoutingResponse.Builder routing = GetRoutingResponse.newBuilder();
        for (int i = 0; i < MemoryStore.PARTITIONS; i++) {
            int partition = i;
            routing.addSlots(
                    SlotRange.newBuilder()
                            .setCount(KeySlots.COUNT / MemoryStore.PARTITIONS)
                            .setPartition(i));
            routing.addReplicas(
                    PartitionReplicas.newBuilder()
                            .setPartition(i)
                            .addAllNodes(
                                    server.cluster().stream()
                                            .filter(it -> it.holds(partition))
                                            .map(it -> it.name)
                                            .toList()));
        }
        server.cluster()
                .forEach(it ->
                        routing.addNodes(
                                NodeAddress.newBuilder()
                                        .setNode(it.name)
                                        .setAddress(it.address())));
        answers.onNext(routing.build());
        answers.onCompleted();
    }

    private List<RecordedEvent> after(Position position, Set<Integer> partitions) {
        List<RecordedEvent> events = new ArrayList<>();
        for (int partition : partitions) {
            long from =
                    position.getPartitionsList().stream()
                            .filter(it -> it.getPartition() == partition)
                            .mapToLong(it -> it.getSequence() + 1)
                            .findFirst()
                            .orElse(0);
            List<RecordedEvent> log = server.store.partition(partition);
            events.addAll(log.subList((int) Math.min(from, log.size()), log.size()));
        }
        return events;
    }

    private static List<RecordedEvent> cut(
            List<RecordedEvent> all, boolean hasFrom, long from, boolean backward, long limit) {
        List<RecordedEvent> events = new ArrayList<>(all);
        if (backward) {
            if (hasFrom && from < events.size()) {
                events = events.subList(0, (int) from + 1);
            }
            Collections.reverse(events);
        } else if (hasFrom) {
            events = events.subList((int) Math.min(from, events.size()), events.size());
        }
        return limit > 0 && limit < events.size() ? events.subList(0, (int) limit) : events;
    }

    private void send(List<RecordedEvent> events, StreamObserver<ReadResponse> answers) {
        ServerCallStreamObserver<ReadResponse> call =
                (ServerCallStreamObserver<ReadResponse>) answers;
        int[] at = {0, 0};
        call.setOnReadyHandler(() -> {
            while (call.isReady() && at[0] >= 0) {
                if (at[0] >= events.size()) {
                    at[0] = -1;
                    call.onCompleted();
                } else if (at[1]++ == server.breakingAfter) {
                    at[0] = -1;
                    call.onError(Status.UNAVAILABLE.asException());
                } else {
                    int end = Math.min(at[0] + server.eventsPerMessage, events.size());
                    server.framesSent.incrementAndGet();
                    call.onNext(
                            ReadResponse.newBuilder()
                                    .addAllEvents(events.subList(at[0], end))
                                    .build());
                    at[0] = end;
                }
            }
        });
    }

    @Override
    public void subscribe(SubscribeRequest request, StreamObserver<SubscribeFrame> answers) {
        server.subscriptions.incrementAndGet();
        server.subscribes.add(request);
        if (refuses(FakeSubscription.partitions(server, request), answers)) {
            return;
        }
        FakeSubscription subscription =
                new FakeSubscription(
                        server, request, (ServerCallStreamObserver<SubscribeFrame>) answers);
        server.store.onAppend(subscription::pump);
        subscription.start();
    }

    static PartitionPosition place(int partition, long sequence) {
        return PartitionPosition.newBuilder().setPartition(partition).setSequence(sequence).build();
    }
}
