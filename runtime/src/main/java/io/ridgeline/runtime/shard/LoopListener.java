package io.ridgeline.runtime.shard;

import io.ridgeline.engine.EngineEvent;

/// Observes loops, on their threads: must be quick.
public interface LoopListener {
    /// The engine has something to say.
    void onEvent(ShardLoop loop, EngineEvent event);

    /// A turn took appends.
    void onTurn(ShardLoop loop, int appends, int bytes);

    /// Appends that came with one message were answered.
    ///
    /// @param queueNanos from their arrival until they were ordered
    /// @param confirmNanos from then until a quorum had them on disk, or they were refused
    void onAnswered(ShardLoop loop, long queueNanos, long confirmNanos);

    /// A sync succeeded.
    void onSynced(ShardLoop loop, long nanos);

    /// The loop ended though nobody asked it to.
    void onLoopFailed(ShardLoop loop, Throwable failure);
}
