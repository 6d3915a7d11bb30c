package io.ridgeline.client;

import java.util.Map;

/// The wire form of `ridgeline.v1.NewEvent`.
final class NewEventCodec {
    private static final int ID_BYTES = 16;

    private NewEventCodec() {}

    static int size(EventData event, byte[] stream) {
        int size =
                WireWriter.sizedField(ID_BYTES)
                        + WireWriter.sizedField(stream.length)
                        + WireWriter.sizedField(event.typeBytes().length)
                        + WireWriter.sizedField(event.contentTypeBytes().length)
                        + WireWriter.sizedField(event.dataShared().length)
                        + WireWriter.sizedField(event.metadataShared().length);
        for (Map.Entry<String, String> tag : event.tags().entrySet()) {
            int tagSize = tagSize(Utf8.encode(tag.getKey()), Utf8.encode(tag.getValue()));
            size += 1 + WireWriter.varintSize(tagSize) + tagSize;
        }
        if (event.createdMicros() != 0) {
            size += 1 + WireWriter.varintSize(event.createdMicros());
        }
        return size;
    }

    private static int tagSize(byte[] key, byte[] value) {
        return WireWriter.sizedField(key.length) + WireWriter.sizedField(value.length);
    }

    static void write(WireWriter out, EventData event, byte[] stream) {
        out.message(1, ID_BYTES)
                .bigEndian(event.id().getMostSignificantBits())
                .bigEndian(event.id().getLeastSignificantBits())
                .sized(2, stream)
                .sized(3, event.typeBytes())
                .sized(4, event.contentTypeBytes())
                .sized(5, event.dataShared())
                .sized(6, event.metadataShared());
        for (Map.Entry<String, String> tag : event.tags().entrySet()) {
            byte[] key = Utf8.encode(tag.getKey());
            byte[] value = Utf8.encode(tag.getValue());
            out.message(7, tagSize(key, value)).sized(1, key).sized(2, value);
        }
        out.number(8, event.createdMicros());
    }
}
