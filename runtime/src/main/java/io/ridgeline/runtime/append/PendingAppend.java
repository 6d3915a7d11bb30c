package io.ridgeline.runtime.append;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.remote.Forward;
import io.ridgeline.runtime.shard.Partition;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A place in the order of a call's answers.
final class PendingAppend implements Consumer<AppendResult> {
    private final int bytes;
    private final @Nullable AppendBatch batch;

    /// Set if this node has to send the append on.
    private final @Nullable Partition elsewhere;

    private final @Nullable Forward forward;

    /// Written once by whoever decides, read by whoever sends. One of the two is set.
    private volatile @Nullable AppendResult result;

    private volatile @Nullable Refusal refusal;

    /// One that waits for a shard.
    ///
    /// @param elsewhere the partition, if another node coordinates it
    /// @param forward its way to that node, if it is known
    PendingAppend(
            int bytes,
            AppendBatch batch,
            @Nullable Partition elsewhere,
            @Nullable Forward forward) {
        this.bytes = bytes;
        this.batch = batch;
        this.elsewhere = elsewhere;
        this.forward = forward;
    }

    /// One that is refused without asking a shard.
    PendingAppend(int bytes, Refusal refusal) {
        this.bytes = bytes;
        this.batch = null;
        this.elsewhere = null;
        this.forward = null;
        this.refusal = refusal;
    }

    @Override
    public void accept(AppendResult answer) {
        result = answer;
        if (forward != null) {
            forward.end(answer);
        }
        if (batch != null) {
            batch.onAnswer(bytes);
        }
    }

    int bytes() {
        return bytes;
    }

    /// {@return the partition if another node was asked, and may be asked directly the next time}
    @Nullable Partition elsewhere() {
        return elsewhere;
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
