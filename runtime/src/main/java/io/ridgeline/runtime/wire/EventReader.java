package io.ridgeline.runtime.wire;

import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Tag;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads `NewEvent` messages.
final class EventReader {
    private static final int ID = 1;
    private static final int STREAM = 2;
    private static final int TYPE = 3;
    private static final int CONTENT_TYPE = 4;
    private static final int DATA = 5;
    private static final int METADATA = 6;
    private static final int TAGS = 7;
    private static final int CREATED_MICROS = 8;
    private static final int SCHEMA_ID = 9;
    private static final int TAG_KEY = 1;
    private static final int TAG_VALUE = 2;

    private static final int CONTENT_TYPE_BYTES_MAX = 256;
    private static final int TAG_VALUE_BYTES_MAX = 1_024;
    private static final String JSON = "application/json";
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ProtoInput in;
    private final NameReader names;
    private final AppendLimits limits;
    private final long nowMicros;

    EventReader(ProtoInput in, NameReader names, AppendLimits limits, long nowMicros) {
        this.in = in;
        this.names = names;
        this.limits = limits;
        this.nowMicros = nowMicros;
    }

    /// Reads the event that the input was narrowed to.
    ///
    /// @param place for messages
    NewEvent read(int place) {
        UUID id = null;
        String stream = "";
        String type = "";
        String contentType = "";
        ByteBuffer data = NOTHING;
        ByteBuffer metadata = NOTHING;
        List<Tag> tags = List.of();
        long createdMicros = 0;
        int schemaId = 0;
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case ID -> id = readId(place);
                case STREAM -> stream = names.stream();
                case TYPE -> type = names.type();
                case CONTENT_TYPE ->
                        contentType =
                                names.text("events.content_type", "fixed", CONTENT_TYPE_BYTES_MAX);
                case DATA -> data = in.bytes();
                case METADATA -> metadata = in.bytes();
                case TAGS -> {
                    if (tags.isEmpty()) {
                        tags = new ArrayList<>();
                    }
                    int outer = in.enter();
                    tags.add(readTag(tags.size()));
                    in.leave(outer);
                }
                case CREATED_MICROS -> createdMicros = in.number();
                case SCHEMA_ID -> schemaId = (int) in.number();
                default -> in.skip();
            }
        }
        check(place, id, stream, type, (long) data.remaining() + metadata.remaining());
        return new NewEvent(
                java.util.Objects.requireNonNull(id),
                stream,
                type,
                contentType.equals(JSON) ? "" : contentType,
                createdMicros == 0 ? nowMicros : createdMicros,
                schemaId,
                sorted(place, tags),
                metadata,
                data);
    }

    private void check(int place, @Nullable UUID id, String stream, String type, long bytes) {
        if (id == null) {
            throw refused("events.id", "missing at event " + place);
        }
        if (stream.isEmpty()) {
            throw refused("events.stream", "is empty at event " + place);
        }
        if (type.isEmpty()) {
            throw refused("events.type", "is empty at event " + place);
        }
        if (bytes > limits.eventBytesMax()) {
            throw new RefusedException(
                    Refusal.tooLarge(
                            "events.data",
                            "ridgeline.limits.event-bytes",
                            "bytes",
                            bytes,
                            limits.eventBytesMax()));
        }
    }

    private UUID readId(int place) {
        int length = in.size();
        if (length != 2 * Long.BYTES) {
            throw refused(
                    "events.id",
                    "has %d bytes at event %d, expected the 16 of a UUID".formatted(length, place));
        }
        int at = in.position();
        in.advance(length);
        return new UUID(in.bigEndianLong(at), in.bigEndianLong(at + Long.BYTES));
    }

    private Tag readTag(int before) {
        if (before == limits.eventTagsMax()) {
            throw new RefusedException(
                    Refusal.tooLarge(
                            "events.tags",
                            "ridgeline.limits.event-tags",
                            "count",
                            before + 1L,
                            limits.eventTagsMax()));
        }
        String key = "";
        String value = "";
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case TAG_KEY -> key = names.tagKey();
                case TAG_VALUE ->
                        value = names.text("events.tags.value", "fixed", TAG_VALUE_BYTES_MAX);
                default -> in.skip();
            }
        }
        if (key.isEmpty()) {
            throw refused("events.tags.key", "is empty");
        }
        return new Tag(key, value);
    }

    private static List<Tag> sorted(int place, List<Tag> tags) {
        if (tags.size() < 2) {
            return tags;
        }
        tags.sort(Comparator.comparing(Tag::key));
        for (int i = 1; i < tags.size(); i++) {
            if (tags.get(i).key().equals(tags.get(i - 1).key())) {
                throw refused(
                        "events.tags.key",
                        "\"%s\" is there twice at event %d".formatted(tags.get(i).key(), place));
            }
        }
        return tags;
    }

    private static RefusedException refused(String field, String problem) {
        return new RefusedException(Refusal.invalid(field, problem));
    }
}
