package io.ridgeline.runtime.service;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.quarkus.grpc.GrpcService;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.runtime.append.Appends;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.runtime.read.Reads;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.RequestBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The event store's service. Its methods are bound by hand, with marshallers of our own: appends
/// are read from the bytes that came, and events are written as bytes, without messages between.
@GrpcService
public final class EventStoreService implements BindableService {
    private static final long YEAR_NANOS = TimeUnit.DAYS.toNanos(365);

    private final Appends appends;
    private final Reads reads;
    private final Node node;

    EventStoreService(Node node) {
        this.node = node;
        appends = node.appends();
        reads = node.reads();
    }

    @Override
    public ServerServiceDefinition bindService() {
        Binding binding = new Binding(EventStoreGrpc.getServiceDescriptor());
        binding.bind(
                raw(EventStoreGrpc.getAppendMethod()),
                (call, headers) -> appends.append(call, callDeadlineNanos()));
        binding.bind(
                raw(EventStoreGrpc.getAppendStreamMethod()),
                (call, headers) -> appends.appendStream(call, callDeadlineNanos()));
        binding.bind(
                raw(EventStoreGrpc.getReadStreamMethod()),
                new ParsingHandler<>(
                        ReadStreamRequest.parser(),
                        call -> reads.readStream(call, callDeadlineNanos())));
        binding.bind(
                raw(EventStoreGrpc.getReadPartitionMethod()),
                new ParsingHandler<>(
                        ReadPartitionRequest.parser(),
                        call -> reads.readPartition(call, callDeadlineNanos())));
        binding.bind(
                raw(EventStoreGrpc.getReadAllMethod()),
                new ParsingHandler<>(
                        ReadAllRequest.parser(), call -> reads.readAll(call, callDeadlineNanos())));
        binding.bind(
                raw(EventStoreGrpc.getGetEventMethod()),
                new ParsingHandler<>(GetEventRequest.parser(), reads::getEvent));
        binding.bind(
                raw(EventStoreGrpc.getSubscribeMethod()),
                new ParsingHandler<>(SubscribeRequest.parser(), reads::subscribe));
        binding.bind(
                raw(EventStoreGrpc.getGetRoutingMethod()),
                new ParsingHandler<>(
                        GetRoutingRequest.parser(), call -> new RoutingCall(call, node)));
        return binding.build();
    }

    private static long callDeadlineNanos() {
        Deadline deadline = Context.current().getDeadline();
        long left = deadline == null ? YEAR_NANOS : deadline.timeRemaining(TimeUnit.NANOSECONDS);
        return System.nanoTime() + Math.min(left, YEAR_NANOS);
    }

    private static MethodDescriptor<byte[], EncodedMessage> raw(MethodDescriptor<?, ?> method) {
        return method.toBuilder(RequestBytes.MARSHALLER, EncodedMessage.MARSHALLER).build();
    }

    /// Gathers methods: a service's descriptor must name the very same ones that are bound.
    private static final class Binding {
        private final ServiceDescriptor.Builder descriptor;
        private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();

        Binding(ServiceDescriptor generated) {
            descriptor =
                    ServiceDescriptor.newBuilder(generated.getName())
                            .setSchemaDescriptor(generated.getSchemaDescriptor());
        }

        <Q, R> void bind(MethodDescriptor<Q, R> method, ServerCallHandler<Q, R> handler) {
            descriptor.addMethod(method);
            methods.add(ServerMethodDefinition.create(method, handler));
        }

        ServerServiceDefinition build() {
            ServerServiceDefinition.Builder builder =
                    ServerServiceDefinition.builder(descriptor.build());
            methods.forEach(builder::addMethod);
            return builder.build();
        }
    }
}
