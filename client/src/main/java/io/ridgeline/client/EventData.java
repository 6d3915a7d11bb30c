package io.ridgeline.client;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// An event to be appended. Immutable; the `with…` methods give changed copies.
///
/// Every event gets its id when it is made, not when it is sent, so that a transaction can be
/// repeated safely.
public final class EventData {
    private static final byte[] NONE = {};
    private static final SortedMap<String, String> NO_TAGS =
            Collections.unmodifiableSortedMap(new TreeMap<>());

    private final UUID id;
    private final String type;
    private final byte[] typeBytes;
    private final String contentType;
    private final byte[] contentTypeBytes;
    private final byte[] data;
    private final byte[] metadata;
    private final SortedMap<String, String> tags;
    private final long createdMicros;

    private EventData(
            UUID id,
            String type,
            String contentType,
            byte[] data,
            byte[] metadata,
            SortedMap<String, String> tags,
            long createdMicros) {
        this.id = id;
        this.type = type;
        this.typeBytes = Utf8.encode(type);
        this.contentType = contentType;
        this.contentTypeBytes = contentType.isEmpty() ? NONE : Utf8.encode(contentType);
        this.data = data;
        this.metadata = metadata;
        this.tags = tags;
        this.createdMicros = createdMicros;
    }

    /// {@return an event with JSON as its data}
    ///
    /// @param type what happened
    /// @param json the data; sent as it is, not checked
    public static EventData json(String type, String json) {
        return new EventData(
                EventIds.next(), type, "", json.getBytes(StandardCharsets.UTF_8), NONE, NO_TAGS, 0);
    }

    /// {@return an event with data that is not JSON}
    ///
    /// @param type what happened
    /// @param contentType the media type of the data; empty means `application/json`
    /// @param data copied
    public static EventData of(String type, String contentType, byte[] data) {
        return new EventData(EventIds.next(), type, contentType, data.clone(), NONE, NO_TAGS, 0);
    }

    /// {@return a copy with an id of the caller's making, unique within the partition key}
    ///
    /// @param newId best of version 7, see [EventIds]
    public EventData withId(UUID newId) {
        return new EventData(newId, type, contentType, data, metadata, tags, createdMicros);
    }

    /// {@return a copy with metadata}
    ///
    /// @param json usually JSON, not checked
    public EventData withMetadata(String json) {
        return withMetadata(json.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return a copy with metadata}
    ///
    /// @param bytes copied
    public EventData withMetadata(byte[] bytes) {
        return new EventData(id, type, contentType, data, bytes.clone(), tags, createdMicros);
    }

    /// {@return a copy with one more tag, or another value for a tag that is there}
    ///
    /// @param key unique in the event
    /// @param value what subscriptions select by
    public EventData withTag(String key, String value) {
        SortedMap<String, String> more = new TreeMap<>(tags);
        more.put(key, value);
        return new EventData(
                id,
                type,
                contentType,
                data,
                metadata,
                Collections.unmodifiableSortedMap(more),
                createdMicros);
    }

    /// {@return a copy that says when it happened, instead of when the server received it}
    ///
    /// @param created kept to the microsecond
    public EventData withCreated(Instant created) {
        long micros =
                Math.addExact(
                        Math.multiplyExact(created.getEpochSecond(), 1_000_000L),
                        created.getNano() / 1_000L);
        return new EventData(id, type, contentType, data, metadata, tags, micros);
    }

    /// {@return the id}
    public UUID id() {
        return id;
    }

    /// {@return what happened}
    public String type() {
        return type;
    }

    /// {@return the media type of the data; empty means `application/json`}
    public String contentType() {
        return contentType;
    }

    /// {@return a copy of the data}
    public byte[] data() {
        return data.clone();
    }

    /// {@return a copy of the metadata}
    public byte[] metadata() {
        return metadata.clone();
    }

    /// {@return the tags, sorted by key}
    public SortedMap<String, String> tags() {
        return tags;
    }

    /// {@return the size of type, data and metadata together, in bytes}
    public int sizeBytes() {
        return typeBytes.length + data.length + metadata.length;
    }

    byte[] typeBytes() {
        return typeBytes;
    }

    byte[] contentTypeBytes() {
        return contentTypeBytes;
    }

    byte[] dataShared() {
        return data;
    }

    byte[] metadataShared() {
        return metadata;
    }

    long createdMicros() {
        return createdMicros;
    }
}
