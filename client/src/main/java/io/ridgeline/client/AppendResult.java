package io.ridgeline.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.PartitionPosition;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A transaction that took effect: it is on stable storage on a quorum of replicas.
public final class AppendResult {
    private final Append append;
    private final byte[] message;
    private final int offset;
    private final int length;
    private @Nullable AppendResponse decoded;

    AppendResult(Append append, byte[] message, int offset, int length) {
        this.append = append;
        this.message = message;
        this.offset = offset;
        this.length = length;
    }

    // Most callers only want to know that it happened, so nothing is decoded before it is asked
    // for.
    // Decoding twice in a race gives equal values.
    private AppendResponse response() {
        AppendResponse known = decoded;
        if (known == null) {
            try {
                known = AppendResponse.parseFrom(ByteString.copyFrom(message, offset, length));
            } catch (InvalidProtocolBufferException e) {
                throw Failure.of(
                                ErrorCode.UNRECOGNIZED,
                                Outcome.UNKNOWN,
                                "the server's answer is malformed: " + e.getMessage())
                        .toException();
            }
            decoded = known;
        }
        return known;
    }

    /// {@return the partition that holds the events}
    public int partition() {
        return response().getPosition().getPartition();
    }

    /// {@return the sequence of the first event in the partition; the others follow without gaps}
    public long firstSequence() {
        return response().getFirstSequence();
    }

    /// {@return the sequence of the last event}
    public long lastSequence() {
        return response().getPosition().getSequence();
    }

    /// {@return the versions that the events got, per stream, in the order in which the streams
    /// first appear among the events}
    public List<StreamVersions> streams() {
        return response().getStreamsList().stream()
                .map(it ->
                        new StreamVersions(
                                it.getStream(), it.getFirstVersion(), it.getLastVersion()))
                .toList();
    }

    /// {@return the version of the last event: of its stream, or with several streams of the last
    /// of them}
    public long lastVersion() {
        AppendResponse response = response();
        return response.getStreams(response.getStreamsCount() - 1).getLastVersion();
    }

    /// {@return the ids of the events, in their order}
    public List<UUID> eventIds() {
        return append.eventIds();
    }

    /// {@return whether the transaction had taken effect before, with the same ids and content; the
    /// rest is then the first answer}
    public boolean isDuplicate() {
        return response().getDuplicate();
    }

    /// {@return the place of the last event, good as what later reads must at least show}
    public Position position() {
        PartitionPosition place = response().getPosition();
        TreeMap<Integer, Position.Place> places = new TreeMap<>();
        places.put(
                place.getPartition(), new Position.Place(place.getHistory(), place.getSequence()));
        return new Position(places);
    }
}
