package io.ridgeline.storage.file;

import io.ridgeline.spi.event.StreamKey;
import java.util.LinkedHashMap;
import java.util.Map;

/// The last versions of the streams that were written or asked for most recently. For the bucket's
/// owner.
final class Heads {
    static final long UNKNOWN = Long.MIN_VALUE;

    private record Head(int logId, StreamKey stream) {}

    private final Map<Head, Long> versions;

    Heads(int headsMax) {
        versions =
                new LinkedHashMap<>(64, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Head, Long> eldest) {
                        return size() > headsMax;
                    }
                };
    }

    long get(Log log, StreamKey stream) {
        Long version = versions.get(new Head(log.logId, stream));
        return version == null ? UNKNOWN : version;
    }

    void put(Log log, StreamKey stream, long version) {
        versions.put(new Head(log.logId, stream), version);
    }

    void removeAll(Log log) {
        versions.keySet().removeIf(head -> head.logId == log.logId);
    }
}
