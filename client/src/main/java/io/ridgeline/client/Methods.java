package io.ridgeline.client;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.SubscribeRequest;
import java.util.List;

/// The calls whose messages stay bytes.
final class Methods {
    static final MethodDescriptor<List<byte[]>, List<byte[]>> APPEND =
            EventStoreGrpc.getAppendMethod().toBuilder(
                            BytesMarshaller.INSTANCE, BytesMarshaller.INSTANCE)
                    .build();
    static final MethodDescriptor<List<byte[]>, List<byte[]>> APPEND_STREAM =
            EventStoreGrpc.getAppendStreamMethod().toBuilder(
                            BytesMarshaller.INSTANCE, BytesMarshaller.INSTANCE)
                    .build();

    private Methods() {}

    /// {@return the call for a request to read or follow}
    static MethodDescriptor<Message, List<byte[]>> feedOf(Message request) {
        if (request instanceof ReadStreamRequest) {
            return feed(EventStoreGrpc.getReadStreamMethod(), request);
        } else if (request instanceof ReadPartitionRequest) {
            return feed(EventStoreGrpc.getReadPartitionMethod(), request);
        } else if (request instanceof ReadAllRequest) {
            return feed(EventStoreGrpc.getReadAllMethod(), request);
        } else if (request instanceof SubscribeRequest) {
            return feed(EventStoreGrpc.getSubscribeMethod(), request);
        }
        throw new IllegalArgumentException("no call takes a " + request.getClass().getName());
    }

    private static MethodDescriptor<Message, List<byte[]>> feed(
            MethodDescriptor<?, ?> method, Message request) {
        return method.toBuilder(
                        ProtoUtils.marshaller(request.getDefaultInstanceForType()),
                        BytesMarshaller.INSTANCE)
                .build();
    }
}
