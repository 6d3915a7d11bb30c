package io.ridgeline.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.StreamCondition;
import java.nio.ByteBuffer;
import java.util.UUID;

/// Makes requests, and takes errors apart.
final class Requests {
    private Requests() {}

    static ByteString bytes(UUID id) {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).flip();
        return ByteString.copyFrom(bytes);
    }

    static NewEvent.Builder event(String stream, UUID id, String data) {
        return NewEvent.newBuilder()
                .setId(bytes(id))
                .setStream(stream)
                .setType("happened")
                .setData(ByteString.copyFromUtf8(data));
    }

    static AppendRequest append(NewEvent.Builder event) {
        return AppendRequest.newBuilder().addEvents(event).build();
    }

    static AppendRequest append(String stream) {
        return append(event(stream, UUID.randomUUID(), "{}"));
    }

    static AppendCondition noStream(String stream) {
        return AppendCondition.newBuilder()
                .setStream(
                        StreamCondition.newBuilder()
                                .setStream(stream)
                                .setNoStream(StreamCondition.NoStream.getDefaultInstance()))
                .build();
    }

    static AppendCondition exactly(String stream, long version) {
        return AppendCondition.newBuilder()
                .setStream(StreamCondition.newBuilder().setStream(stream).setExactVersion(version))
                .build();
    }

    static ErrorInfo errorInfo(StatusRuntimeException e) {
        Status status = StatusProto.fromThrowable(e);
        if (status == null || status.getDetailsCount() != 1) {
            throw new AssertionError("no details in " + e);
        }
        try {
            return status.getDetails(0).unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException invalid) {
            throw new AssertionError(invalid);
        }
    }
}
