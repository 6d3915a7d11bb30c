package io.ridgeline.engine.replica;

import io.ridgeline.engine.CommandResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.EngineEvent.Transfer.Step;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.message.PartitionMessage.TransferConsent;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hands a reign over: new writes are held until the target is level, then it gets consent and asks
/// at once. If it does not come, the epoch goes on here and the held writes are ordered.
final class Transfer {
    private final PartitionReplica replica;
    private final List<ExecuteTransaction> held = new ArrayList<>();
    private @Nullable NodeId target;
    private @Nullable Consumer<CommandResult> reply;
    private boolean placed;
    private boolean forced;
    private boolean consented;
    private long endsAt;
    private long consentAgainAt;

    Transfer(PartitionReplica replica) {
        this.replica = replica;
    }

    boolean isActive() {
        return target != null;
    }

    boolean isFull() {
        return held.size() >= replica.host.settings().limits().waitingMax();
    }

    void hold(ExecuteTransaction request) {
        held.add(request);
    }

    void start(
            NodeId to,
            boolean isForced,
            boolean isPlaced,
            @Nullable Consumer<CommandResult> answer) {
        target = to;
        forced = isForced;
        placed = isPlaced;
        reply = answer;
        consented = false;
        endsAt = replica.host.now() + replica.host.settings().timings().transferNanos();
        replica.wakeBy(endsAt);
        record(to, Step.STARTED);
    }

    /// The target may have become level.
    void onProgress(@Nullable Progress progress) {
        NodeId to = target;
        boolean level = progress != null && progress.acked >= replica.log.lastIndex();
        if (to == null || consented || (!level && !forced)) {
            return;
        }
        consented = true;
        record(to, Step.CONSENTED);
        consent(to);
    }

    private void consent(NodeId to) {
        consentAgainAt = replica.host.now() + replica.host.settings().timings().resendNanos();
        replica.wakeBy(consentAgainAt);
        replica.send(to, Lane.CONTROL, new TransferConsent(replica.header(), placed));
    }

    /// {@return writes that are to be ordered here after all}
    List<ExecuteTransaction> onTimer(long nowNanos) {
        NodeId to = target;
        if (to == null) {
            return List.of();
        }
        if (nowNanos >= endsAt) {
            record(to, Step.RESUMED);
            answer(new CommandResult.Refused(to + " did not take over in time"));
            target = null;
            return takeHeld();
        }
        replica.wakeBy(endsAt);
        if (consented && nowNanos >= consentAgainAt) {
            consent(to);
        } else if (consented) {
            replica.wakeBy(consentAgainAt);
        }
        return List.of();
    }

    /// The reign is over.
    ///
    /// @param successor to whom the next epoch was promised, if it was
    void end(@Nullable NodeId successor) {
        if (target != null) {
            boolean done = target.equals(successor);
            answer(done ? new CommandResult.Done() : new CommandResult.Unknown("deposed"));
            target = null;
        }
    }

    List<ExecuteTransaction> takeHeld() {
        List<ExecuteTransaction> taken = List.copyOf(held);
        held.clear();
        return taken;
    }

    private void answer(CommandResult result) {
        Consumer<CommandResult> to = reply;
        reply = null;
        if (to != null) {
            to.accept(result);
        }
    }

    private void record(NodeId to, Step step) {
        replica.host.record(new EngineEvent.Transfer(replica.id, replica.promised(), to, step));
    }
}
