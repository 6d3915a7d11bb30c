package io.ridgeline.runtime.wire;

import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import java.util.Arrays;

/// Reads names: text of a bounded length without control characters that does not begin with `$`,
/// which is the system's.
final class NameReader {
    private final ProtoInput in;
    private final byte[] message;
    private final int bytesMax;
    private final Recent streams = new Recent();
    private final Recent types = new Recent();

    /// The name that was last read in a place; the next one is often the same.
    private static final class Recent {
        private int from;
        private int length = -1;
        private String text = "";
    }

    NameReader(ProtoInput in, byte[] message, int bytesMax) {
        this.in = in;
        this.message = message;
        this.bytesMax = bytesMax;
    }

    String stream() {
        return recent(streams, "events.stream");
    }

    String type() {
        return recent(types, "events.type");
    }

    String conditionStream() {
        return name("conditions.stream.stream", "ridgeline.limits.name-bytes", bytesMax);
    }

    /// May be empty, which means the stream.
    String partitionKey() {
        return name("partition_key", "ridgeline.limits.name-bytes", bytesMax);
    }

    String tagKey() {
        return name("events.tags.key", "fixed", 256);
    }

    private String recent(Recent recent, String field) {
        int length = in.size();
        int from = in.position();
        if (length == recent.length
                && Arrays.equals(
                        message, from, from + length, message, recent.from, recent.from + length)) {
            in.advance(length);
            return recent.text;
        }
        recent.text = checked(field, "ridgeline.limits.name-bytes", bytesMax, length);
        recent.from = from;
        recent.length = length;
        return recent.text;
    }

    private String name(String field, String limit, int max) {
        return checked(field, limit, max, in.size());
    }

    private String checked(String field, String limit, int max, int length) {
        String name = text(field, limit, max, length);
        if (!name.isEmpty() && name.charAt(0) == '$') {
            throw new RefusedException(
                    Refusal.invalid(
                            field, "\"" + name + "\" begins with $, which is the system's"));
        }
        return name;
    }

    /// Text that may begin with anything.
    String text(String field, String limit, int max) {
        return text(field, limit, max, in.size());
    }

    private String text(String field, String limit, int max, int length) {
        if (length > max) {
            throw new RefusedException(Refusal.tooLarge(field, limit, "bytes", length, max));
        }
        try {
            return in.text(length, false);
        } catch (InvalidTextException e) {
            throw new RefusedException(Refusal.invalid(field, String.valueOf(e.getMessage())));
        }
    }
}
