package io.ridgeline.runtime.append;

import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Shard;
import io.ridgeline.runtime.shard.ShardInput;
import io.ridgeline.runtime.shard.ShardLoop;
import java.util.ArrayList;
import java.util.List;

/// What one message of a call has for one shard: one hand-over, however many appends it holds.
final class AppendBatch implements ShardInput {
    private final ShardLoop loop;
    private final Runnable drain;
    private final List<ExecuteTransaction> requests = new ArrayList<>();
    private final long arrivedNanos;
    private int bytes;
    private int appends;
    private long orderedNanos;

    /// Answers of the current turn; for the shard's thread only.
    private int answered;

    private long answeredBytes;

    /// @param drain sends what is answered; called once for each turn that answered something
    /// @param arrivedNanos when the message came
    AppendBatch(ShardLoop loop, Runnable drain, long arrivedNanos) {
        this.loop = loop;
        this.drain = drain;
        this.arrivedNanos = arrivedNanos;
    }

    ShardLoop loop() {
        return loop;
    }

    void add(ExecuteTransaction request, int requestBytes) {
        requests.add(request);
        bytes += requestBytes;
        appends++;
    }

    @Override
    public void apply(Shard shard, long nowNanos) {
        // The turn may have begun before this came.
        orderedNanos = nowNanos - arrivedNanos > 0 ? nowNanos : arrivedNanos;
        for (int i = 0; i < requests.size(); i++) {
            shard.onExecute(requests.get(i), nowNanos);
        }
        // The transactions live on in the log's tail; this batch is held by their replies.
        requests.clear();
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public int appends() {
        return appends;
    }

    void onAnswer(int answerBytes) {
        if (answered == 0) {
            loop.afterTurn(this::afterTurn);
        }
        answered++;
        answeredBytes += answerBytes;
    }

    private void afterTurn() {
        int count = answered;
        long released = answeredBytes;
        answered = 0;
        answeredBytes = 0;
        loop.admission().leave(count, released);
        loop.answered(orderedNanos - arrivedNanos, System.nanoTime() - orderedNanos);
        drain.run();
    }
}
