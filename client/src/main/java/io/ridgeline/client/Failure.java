package io.ridgeline.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.ridgeline.api.v1.Error;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A failed attempt as a value, so that an exception is only made where somebody sees it.
///
/// @param code why
/// @param outcome what is known of the effect of all attempts so far
/// @param message for a person
/// @param details for a program
record Failure(ErrorCode code, Outcome outcome, String message, Map<String, String> details) {
    private static final String DOMAIN = "ridgeline";

    Failure {
        details = Map.copyOf(details);
    }

    static Failure of(ErrorCode code, Outcome outcome, String message) {
        return new Failure(code, outcome, message, Map.of());
    }

    /// Waits for a result.
    ///
    /// @param code what it means to be interrupted meanwhile
    /// @throws RidgelineException what the result failed with, or that
    static <T> T await(
            CompletableFuture<T> result, ErrorCode code, Outcome outcome, String message) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RidgelineException failed) {
                // Made anew, so that it shows the caller's stack and not the event loop's.
                throw failed.failure().toException();
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw of(code, outcome, message).toException();
        }
    }

    static Failure of(Error error) {
        ErrorCode code = codeNamed(error.getCode().name());
        return new Failure(
                code, code.outcomeOfAttempt(), error.getMessage(), error.getMetadataMap());
    }

    /// The failure that a call ended with.
    ///
    /// @param sent whether the server may have seen the request
    static Failure of(Status status, @Nullable Metadata trailers, boolean sent) {
        @Nullable ErrorInfo info = errorInfo(status, trailers);
        String message =
                status.getDescription() == null ? status.getCode().name() : status.getDescription();
        if (info != null) {
            ErrorCode code = codeNamed(info.getReason());
            return new Failure(code, code.outcomeOfAttempt(), message, info.getMetadataMap());
        }
        @Nullable Throwable cause = status.getCause();
        if (cause != null && cause.getMessage() != null) {
            // What gRPC says of it, "io exception", says nothing.
            message = cause.getMessage();
        }
        ErrorCode code =
                switch (status.getCode()) {
                    // gRPC itself says INTERNAL and CANCELLED for streams that were reset; OK is
                    // the end of
                    // a call that should have gone on.
                    case OK, UNAVAILABLE, CANCELLED, INTERNAL, ABORTED -> ErrorCode.UNAVAILABLE;
                    // A request that gRPC writes to a connection just as it closes.
                    case UNKNOWN ->
                            cause instanceof IOException
                                    ? ErrorCode.UNAVAILABLE
                                    : ErrorCode.UNRECOGNIZED;
                    case DEADLINE_EXCEEDED -> ErrorCode.TIMEOUT;
                    case INVALID_ARGUMENT, OUT_OF_RANGE -> ErrorCode.INVALID_REQUEST;
                    case NOT_FOUND -> ErrorCode.NOT_FOUND;
                    // Without our detail it is the server's limit on the size of a message.
                    case RESOURCE_EXHAUSTED -> ErrorCode.TOO_LARGE;
                    case DATA_LOSS -> ErrorCode.DAMAGED;
                    default -> ErrorCode.UNRECOGNIZED;
                };
        Outcome outcome =
                code == ErrorCode.UNAVAILABLE && sent ? Outcome.UNKNOWN : code.outcomeOfAttempt();
        return of(code, outcome, message);
    }

    private static @Nullable ErrorInfo errorInfo(Status status, @Nullable Metadata trailers) {
        if (trailers == null) {
            return null;
        }
        com.google.rpc.@Nullable Status rich = StatusProto.fromStatusAndTrailers(status, trailers);
        if (rich == null) {
            return null;
        }
        for (Any detail : rich.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    if (info.getDomain().equals(DOMAIN)) {
                        return info;
                    }
                } catch (InvalidProtocolBufferException e) {
                    return null;
                }
            }
        }
        return null;
    }

    private static ErrorCode codeNamed(String name) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        return ErrorCode.UNRECOGNIZED;
    }

    Failure with(Outcome other) {
        return outcome == other ? this : new Failure(code, other, message, details);
    }

    Failure with(String otherMessage) {
        return new Failure(code, outcome, otherMessage, details);
    }

    /// {@return how long the server asks to wait, in milliseconds; 0 if it does not}
    long retryAfterMillis() {
        return parse(details.getOrDefault("retry_after_millis", ""), 0);
    }

    /// {@return the partition that it is about; null if it does not say}
    @Nullable Integer partition() {
        try {
            return Integer.parseUnsignedInt(details.getOrDefault("partition", ""));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    long number(String detail, long otherwise) {
        return parse(details.getOrDefault(detail, ""), otherwise);
    }

    private static long parse(String text, long otherwise) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    RidgelineException toException() {
        return switch (code) {
            case VERSION_CONFLICT -> new VersionConflictException(this);
            case EVENT_ID_CONFLICT -> new EventIdConflictException(this);
            case INVALID_REQUEST, TOO_LARGE, HISTORY_MISMATCH -> new InvalidRequestException(this);
            case NOT_FOUND -> new NotFoundException(this);
            case DAMAGED, INTERNAL, UNRECOGNIZED -> new ServerFaultException(this);
            case TIMEOUT,
                    INDETERMINATE,
                    NOT_COORDINATOR,
                    NOT_REPLICA,
                    QUORUM_UNAVAILABLE,
                    OVERLOADED,
                    STORAGE_FULL,
                    NOT_READY,
                    CIRCUIT_OPEN,
                    UNAVAILABLE,
                    CANCELLED ->
                    outcome == Outcome.UNKNOWN
                            ? new IndeterminateException(this)
                            : new RefusedException(this);
        };
    }
}
