package io.ridgeline.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// An append under way. All fields but the future belong to the dispatcher's event loop once it was
/// submitted.
class Pending extends CompletableFuture<AppendResult> {
    final Append append;
    final Append.Encoded encoded;
    final int slot;
    final long deadlineNanos;

    /// The one submitted before it, while it waits to be taken over.
    @Nullable Pending below;

    boolean settled;

    /// Whether an attempt may have taken effect without our knowing.
    boolean maybeDone;

    int attempts;

    /// How often the connection was lost while it waited for its answer.
    int lostConnections;

    long sentNanos;
    @Nullable Failure lastFailure;

    Pending(Append append, Append.Encoded encoded, long deadlineNanos) {
        this.append = append;
        this.encoded = encoded;
        this.slot = append.slot();
        this.deadlineNanos = deadlineNanos;
    }

    int sizeBytes() {
        return encoded.bytes().length;
    }

    /// Called on the event loop, once, after the budget was given back.
    void onAppended(AppendResult result) {
        complete(result);
    }

    /// Called on the event loop, once, after the budget was given back.
    void onFailed(Failure failure) {
        completeExceptionally(failure.toException());
    }
}
