package io.ridgeline.it.events;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/// What a failed call says: the gRPC status, and the machine-readable part of it.
///
/// @param status the gRPC status code
/// @param code the reason, a name of `ErrorCode`; empty if the failure did not come from the node
/// @param metadata the details
/// @param message for a person
public record Failure(
        Status.Code status, String code, Map<String, String> metadata, String message) {

    /// {@return what a failed call says}
    public static Failure of(Throwable failure) {
        Status.Code status = Status.fromThrowable(failure).getCode();
        com.google.rpc.@Nullable Status details = StatusProto.fromThrowable(failure);
        String message = String.valueOf(failure.getMessage());
        if (details != null) {
            for (Any detail : details.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    ErrorInfo info = unpack(detail);
                    Assertions.assertThat(info.getDomain()).isEqualTo("ridgeline");
                    return new Failure(status, info.getReason(), info.getMetadataMap(), message);
                }
            }
        }
        return new Failure(status, "", Map.of(), message);
    }

    /// {@return what the call says, which must fail}
    public static Failure by(ThrowingCallable call) {
        return of(Assertions.catchThrowableOfType(StatusRuntimeException.class, call));
    }

    private static ErrorInfo unpack(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
