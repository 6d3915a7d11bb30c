package io.ridgeline.runtime.append;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.runtime.refusal.Refusal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A place in the order of a call's answers.
final class PendingAppend implements Consumer<AppendResult> {
    private final int bytes;
    private final @Nullable AppendBatch batch;

    /// Written once by whoever decides, read by whoever sends. One of the two is set.
    private volatile @Nullable AppendResult result;

    private volatile @Nullable Refusal refusal;

    /// One that waits for a shard.
    PendingAppend(int bytes, AppendBatch batch) {
        this.bytes = bytes;
        this.batch = batch;
    }

    /// One that is refused without asking a shard.
    PendingAppend(int bytes, Refusal refusal) {
        this.bytes = bytes;
        this.batch = null;
        this.refusal = refusal;
    }

    @Override
    public void accept(AppendResult answer) {
        result = answer;
        if (batch != null) {
            batch.onAnswer(bytes);
        }
    }

    int bytes() {
        return bytes;
    }

    boolean isAnswered() {
        return result != null || refusal != null;
    }

    @Nullable AppendResult result() {
        return result;
    }

    @Nullable Refusal refusal() {
        return refusal;
    }
}
