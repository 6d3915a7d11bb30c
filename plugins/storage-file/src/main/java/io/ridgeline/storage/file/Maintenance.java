package io.ridgeline.storage.file;

import io.ridgeline.storage.file.index.RunSet;
import java.io.IOException;

/// The slow work of a bucket.
final class Maintenance {
    private static final long RETRY_NANOS = 1_000_000_000;

    private final Bucket bucket;
    final Spare spare;
    private long retryAt;
    private boolean isWaiting;

    Maintenance(Bucket bucket) {
        this.bucket = bucket;
        this.spare = new Spare(bucket, () -> bucket.newStorageId().getMostSignificantBits());
    }

    RunSet acquireRuns() {
        return RunSet.NONE;
    }

    long spareBytes() {
        return Math.max(0, spare.bytes() - bucket.headerBytes());
    }

    LogWriter.Open next(int bytesMin) throws IOException {
        return spare.take(bytesMin);
    }

    boolean step() {
        if (isWaiting && bucket.disk.nanoTime() - retryAt < 0) {
            return false;
        }
        isWaiting = false;
        try {
            return spare.step();
        } catch (IOException e) {
            // A full disk, mostly: what is claimed serves until there is space.
            isWaiting = true;
            retryAt = bucket.disk.nanoTime() + RETRY_NANOS;
            return false;
        }
    }

    void close() {
        spare.close();
    }
}
