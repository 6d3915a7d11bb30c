package io.ridgeline.spi.event;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/// An event as a writer hands it in.
///
/// @param id made by the writer, unique within its partition key; version 7 advised
/// @param stream the stream id
/// @param type what happened
/// @param contentType the media type of the data; empty for JSON
/// @param createdMicros when it happened, in microseconds since 1970
/// @param schemaId the schema of the data; 0 for none
/// @param tags sorted by key, each key once
/// @param metadata opaque bytes; may be empty
/// @param data opaque bytes; may be empty
public record NewEvent(
        UUID id,
        String stream,
        String type,
        String contentType,
        long createdMicros,
        int schemaId,
        List<Tag> tags,
        ByteBuffer metadata,
        ByteBuffer data) {
    public NewEvent {
        tags = List.copyOf(tags);
    }
}
