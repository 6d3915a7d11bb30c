package io.ridgeline.storage.file;

import io.ridgeline.storage.file.index.DamagedIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The slow work of a bucket: the next segment first, then runs. Done by a thread of its own, or by
/// the owner if the disk is a simulated one.
final class Maintenance {
    /// Written when an index is found damaged: the next start makes all indexes anew.
    static final String REBUILD = "rebuild-index";

    private static final long RETRY_NANOS = 1_000_000_000;

    private final Bucket bucket;
    final Spare spare;
    final Indexer indexer;
    private volatile long retryAt;
    private volatile boolean isWaiting;
    private volatile boolean closed;
    private volatile boolean isDamaged;
    private @Nullable Thread worker;

    Maintenance(Bucket bucket) {
        this.bucket = bucket;
        this.spare = new Spare(bucket, () -> bucket.newStorageId().getLeastSignificantBits());
        this.indexer = new Indexer(bucket);
    }

    LogWriter.Open next(int bytesMin) throws IOException {
        return spare.take(bytesMin);
    }

    /// Does a piece of the work, or wakes the thread that does.
    ///
    /// @return whether there is more for the caller to do
    boolean step() {
        if (isResting()) {
            return false;
        }
        if (!bucket.disk.threads()) {
            return work();
        }
        if (spare.isDue() || indexer.isDue()) {
            wake();
        }
        return false;
    }

    private boolean isResting() {
        if (closed || (isWaiting && bucket.disk.nanoTime() - retryAt < 0)) {
            return true;
        }
        isWaiting = false;
        return false;
    }

    private void wake() {
        Thread known = worker;
        if (known == null) {
            known =
                    Thread.ofPlatform()
                            .daemon()
                            .name("ridgeline-storage-" + bucket.folder)
                            .unstarted(this::run);
            worker = known;
            known.start();
        } else {
            LockSupport.unpark(known);
        }
    }

    private void run() {
        while (!closed) {
            boolean more = !isResting() && work();
            if (!more && !closed) {
                LockSupport.park(this);
            }
        }
    }

    private boolean work() {
        try {
            return spare.step() || (!isDamaged && indexer.step());
        } catch (IOException e) {
            // A full disk, mostly: what is claimed and what is in memory serve until there is
            // space.
            indexer.abandonMerge();
            isWaiting = true;
            retryAt = bucket.disk.nanoTime() + RETRY_NANOS;
            return false;
        } catch (DamagedIndexException e) {
            indexer.abandonMerge();
            damagedIndex();
            return false;
        }
    }

    /// Lets the next start make the indexes anew.
    void damagedIndex() {
        if (isDamaged) {
            return;
        }
        isDamaged = true;
        try {
            Files.replace(bucket.disk, bucket.folder, REBUILD, ByteBuffer.allocate(0));
        } catch (IOException e) {
            // The damage is found again when it is met again.
            isDamaged = true;
        }
    }

    void close() {
        closed = true;
        Thread known = worker;
        if (known != null) {
            LockSupport.unpark(known);
            boolean interrupted = false;
            while (known.isAlive()) {
                try {
                    known.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        indexer.close();
        spare.close();
    }
}
