package io.ridgeline.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A feed of all partitions: one call for as long as the node that is asked holds everything, and
/// several, each for a share, once one says that it does not.
final class AllFeed implements Feed {
    private final Feeds feeds;
    private final Cursor cursor;
    private final Request request;
    private final boolean endless;
    private volatile Feed current;
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<Replicas> awaited;

    AllFeed(Feeds feeds, Cursor cursor, Request request, boolean endless) {
        this.feeds = feeds;
        this.cursor = cursor;
        this.request = request;
        this.endless = endless;
        Replicas known = feeds.finder().known();
        current =
                known.areSpread()
                        ? split(known)
                        : feeds.call(feeds.finder().ofEverything(), request, endless);
    }

    @Override
    public byte @Nullable [] next() {
        while (true) {
            try {
                return current.next();
            } catch (RefusedException e) {
                if (e.code() != ErrorCode.NOT_REPLICA || !(current instanceof CallFeed)) {
                    throw e;
                }
                Replicas replicas = learn(e);
                if (replicas == null) {
                    return null;
                }
                current = split(replicas);
            }
            if (closed) {
                current.close();
            }
        }
    }

    private Feed split(Replicas replicas) {
        cursor.expect(replicas.partitions());
        return feeds.split(replicas.partitions(), cursor, request, endless);
    }

    /// @param refusal why it must be known who holds what
    /// @return null if the feed was closed meanwhile
    private @Nullable Replicas learn(RefusedException refusal) {
        while (!closed) {
            CompletableFuture<Replicas> learning = feeds.finder().learn().copy();
            awaited = learning;
            try {
                Replicas replicas =
                        Failure.await(
                                learning,
                                ErrorCode.CANCELLED,
                                Outcome.NOTHING_HAPPENED,
                                "interrupted while reading");
                if (replicas.areKnown()) {
                    return replicas;
                }
            } catch (RidgelineException e) {
                if (!closed && !(endless && e.code().isTransient())) {
                    throw e;
                }
                continue;
            }
            // The servers are of a version that does not say who else to ask.
            throw refusal;
        }
        return null;
    }

    @Override
    public boolean caughtUp() {
        return current.caughtUp();
    }

    @Override
    public void close() {
        closed = true;
        current.close();
        CompletableFuture<Replicas> learning = awaited;
        if (learning != null) {
            learning.completeExceptionally(Feed.cancelled("closed"));
        }
    }
}
