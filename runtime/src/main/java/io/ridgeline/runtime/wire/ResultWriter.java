package io.ridgeline.runtime.wire;

import io.ridgeline.api.v1.PartitionCoordinator;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.runtime.refusal.Refusal;

/// Writes answers to appends.
public final class ResultWriter {
    private static final int STREAM_RESPONSE_RESULTS = 1;
    private static final int STREAM_RESPONSE_COORDINATORS = 2;
    private static final int RESULT_APPENDED = 1;
    private static final int RESULT_ERROR = 2;
    private static final int RESPONSE_POSITION = 1;
    private static final int RESPONSE_FIRST_SEQUENCE = 2;
    private static final int RESPONSE_STREAMS = 3;
    private static final int RESPONSE_DUPLICATE = 4;
    private static final int RESPONSE_COORDINATOR = 5;
    private static final int POSITION_PARTITION = 1;
    private static final int POSITION_HISTORY = 2;
    private static final int POSITION_SEQUENCE = 3;
    private static final int VERSIONS_STREAM = 1;
    private static final int VERSIONS_FIRST = 2;
    private static final int VERSIONS_LAST = 3;

    /// What fits one byte of length: most answers.
    private static final int SHORT = 100;

    private ResultWriter() {}

    /// Writes an `AppendResult` as one of the results of an `AppendStreamResponse`.
    public static void writeResult(ProtoOutput out, AppendResult.Appended appended) {
        int result = out.begin(STREAM_RESPONSE_RESULTS, SHORT);
        int response = out.begin(RESULT_APPENDED, SHORT);
        writeResponse(out, appended);
        out.end(response, SHORT);
        out.end(result, SHORT);
    }

    /// Writes an `AppendResult` that is an error.
    public static void writeResult(ProtoOutput out, Refusal refusal) {
        byte[] error = refusal.toError().toByteArray();
        int result = out.begin(STREAM_RESPONSE_RESULTS, error.length + 4);
        out.sized(RESULT_ERROR, error);
        out.end(result, error.length + 4);
    }

    /// Writes who coordinates a partition, into an `AppendStreamResponse`.
    public static void writeCoordinator(ProtoOutput out, PartitionCoordinator coordinator) {
        out.sized(STREAM_RESPONSE_COORDINATORS, coordinator.toByteArray());
    }

    /// Writes who coordinates its partition, into an `AppendResponse`.
    public static void writeResponseCoordinator(ProtoOutput out, PartitionCoordinator coordinator) {
        out.sized(RESPONSE_COORDINATOR, coordinator.toByteArray());
    }

    /// Writes the fields of an `AppendResponse`.
    public static void writeResponse(ProtoOutput out, AppendResult.Appended appended) {
        int position = out.begin(RESPONSE_POSITION, SHORT);
        out.unsigned(POSITION_PARTITION, appended.partition().value());
        out.unsigned(POSITION_HISTORY, appended.history());
        out.zigzag(POSITION_SEQUENCE, appended.lastSequence());
        out.end(position, SHORT);
        out.number(RESPONSE_FIRST_SEQUENCE, appended.firstSequence());
        for (StreamVersions versions : appended.streams()) {
            int begun = out.begin(RESPONSE_STREAMS, SHORT);
            out.text(VERSIONS_STREAM, versions.stream().stream());
            out.number(VERSIONS_FIRST, versions.firstVersion());
            out.number(VERSIONS_LAST, versions.lastVersion());
            out.end(begun, SHORT);
        }
        out.flag(RESPONSE_DUPLICATE, appended.duplicate());
    }
}
