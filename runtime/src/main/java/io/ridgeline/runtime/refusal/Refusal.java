package io.ridgeline.runtime.refusal;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ridgeline.api.v1.Error;
import io.ridgeline.api.v1.ErrorCode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// Why a request failed: the same for a call as a whole and for one answer within `AppendStream`.
///
/// @param code the kind
/// @param message what happened and what to do next, for a person
/// @param metadata detail for a program
public record Refusal(ErrorCode code, String message, SortedMap<String, String> metadata) {
    private static final String DOMAIN = "ridgeline";

    public Refusal {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }

    /// A failure with details.
    public static Refusal of(ErrorCode code, String message, Map<String, String> metadata) {
        return new Refusal(code, message, new TreeMap<>(metadata));
    }

    /// A failure without details.
    public static Refusal of(ErrorCode code, String message) {
        return of(code, message, Map.of());
    }

    /// A request that can never be accepted.
    ///
    /// @param field the path of the field in the request
    public static Refusal invalid(String field, String problem) {
        return of(ErrorCode.INVALID_REQUEST, field + ": " + problem, Map.of("field", field));
    }

    /// A request beyond a limit.
    ///
    /// @param field the path of the field in the request
    /// @param limit the configuration key of the limit
    /// @param unit what is counted
    public static Refusal tooLarge(
            String field, String limit, String unit, long found, long allowed) {
        return of(
                ErrorCode.TOO_LARGE,
                "%s: %d %s, the limit %s is %d".formatted(field, found, unit, limit, allowed),
                Map.of(
                        "field",
                        field,
                        "limit",
                        limit,
                        unit,
                        Long.toString(found),
                        "max",
                        Long.toString(allowed)));
    }

    /// {@return what stands in an answer within a call}
    public Error toError() {
        return Error.newBuilder()
                .setCode(code)
                .setMessage(message)
                .putAllMetadata(metadata)
                .build();
    }

    /// {@return what ends a call}
    public StatusRuntimeException toException() {
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(statusCode(code).value())
                        .setMessage(message)
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setDomain(DOMAIN)
                                                .setReason(code.name())
                                                .putAllMetadata(metadata)
                                                .build()))
                        .build());
    }

    /// Ends a call.
    ///
    /// @param close what the call is closed with
    public void end(BiConsumer<Status, Metadata> close) {
        StatusRuntimeException failure = toException();
        Metadata trailers = failure.getTrailers();
        close.accept(failure.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    /// {@return the one gRPC status of a kind of failure}
    static Status.Code statusCode(ErrorCode code) {
        return switch (code) {
            case VERSION_CONFLICT -> Status.Code.FAILED_PRECONDITION;
            case EVENT_ID_CONFLICT -> Status.Code.ALREADY_EXISTS;
            case INVALID_REQUEST, TOO_LARGE -> Status.Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case NOT_COORDINATOR,
                    NOT_REPLICA,
                    QUORUM_UNAVAILABLE,
                    INDETERMINATE,
                    NOT_READY,
                    CIRCUIT_OPEN ->
                    Status.Code.UNAVAILABLE;
            case OVERLOADED, STORAGE_FULL -> Status.Code.RESOURCE_EXHAUSTED;
            case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
            case DAMAGED -> Status.Code.DATA_LOSS;
            case HISTORY_MISMATCH -> Status.Code.OUT_OF_RANGE;
            case INTERNAL, ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> Status.Code.INTERNAL;
        };
    }
}
