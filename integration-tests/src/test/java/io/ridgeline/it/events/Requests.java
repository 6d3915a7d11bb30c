package io.ridgeline.it.events;

import com.google.protobuf.ByteString;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.StreamCondition;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;

/// Short ways to say what a client wants.
public final class Requests {
    private Requests() {}

    /// {@return the bytes of an id}
    public static ByteString bytes(UUID id) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .flip());
    }

    /// {@return the id in some bytes}
    public static UUID id(ByteString bytes) {
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /// {@return an id that hangs on the seed}
    public static UUID id(Random random) {
        return new UUID(
                (random.nextLong() & ~0xF000L) | 0x7000L,
                (random.nextLong() & ~(0xC0L << 56)) | (0x80L << 56));
    }

    /// {@return an event with a new id}
    public static NewEvent event(String stream, String type, String data) {
        return event(UUID.randomUUID(), stream, type, data);
    }

    /// {@return an event}
    public static NewEvent event(UUID id, String stream, String type, String data) {
        return NewEvent.newBuilder()
                .setId(bytes(id))
                .setStream(stream)
                .setType(type)
                .setData(ByteString.copyFromUtf8(data))
                .build();
    }

    /// {@return a transaction without conditions}
    public static AppendRequest append(NewEvent... events) {
        return AppendRequest.newBuilder().addAllEvents(java.util.List.of(events)).build();
    }

    /// {@return the condition that the stream's last event has this version; -1 for no event}
    public static AppendCondition exactly(String stream, long version) {
        StreamCondition.Builder condition = StreamCondition.newBuilder().setStream(stream);
        if (version < 0) {
            condition.setNoStream(StreamCondition.NoStream.getDefaultInstance());
        } else {
            condition.setExactVersion(version);
        }
        return AppendCondition.newBuilder().setStream(condition).build();
    }
}
