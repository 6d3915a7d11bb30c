package io.ridgeline.cli.load;

import io.ridgeline.client.EventData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Derives the ids of events that have none: a UUID of version 8 (RFC 9562) from SHA-256 over what
/// the line says, and over how many equal lines there were before it in the same input.
///
/// So a second run makes the same ids, and so does a run over a file that has grown, wherever the
/// new lines stand; equal lines are different events. (With the line's number instead, one line put
/// in would make all behind it new.)
final class LineIds {
    private final Occurrences occurrences = new Occurrences();
    private final MessageDigest digest;

    LineIds() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    UUID of(String partitionKey, String stream, EventData event, @Nullable Instant timestamp) {
        add(partitionKey);
        add(stream);
        add(event.type());
        add(event.data());
        add(event.metadata());
        for (Map.Entry<String, String> tag : event.tags().entrySet()) {
            add(tag.getKey());
            add(tag.getValue());
        }
        add(timestamp == null ? "" : timestamp.toString());
        byte[] hash = digest.digest();
        long before = occurrences.countAndAdd(ByteBuffer.wrap(hash).getLong(16));
        if (before > 0) {
            digest.update(hash);
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(before).flip());
            hash = digest.digest();
        }
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        long high = (bytes.getLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x8000L;
        long low = (bytes.getLong() >>> 2) | (1L << 63);
        return new UUID(high, low);
    }

    private void add(String text) {
        add(text.getBytes(StandardCharsets.UTF_8));
    }

    /// With its length before it, so that no two lists of parts look the same.
    private void add(byte[] part) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
        digest.update(part);
    }
}
