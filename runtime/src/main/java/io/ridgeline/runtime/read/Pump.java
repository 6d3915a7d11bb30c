package io.ridgeline.runtime.read;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.spi.storage.StorageException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/// Reads and sends for one call, as fast as its caller takes it, on a shared thread while there is
/// something to do and on none while it waits.
///
/// Whoever has news calls [#wake]; the first one starts the work, later ones have it look again.
abstract class Pump<Q> extends ServerCall.Listener<Q> {
    private static final Logger LOG = Logger.getLogger(Pump.class);

    /// Steps before other calls get their turn.
    private static final int STEPS_PER_TURN = 8;

    private final ServerCall<Q, EncodedMessage> call;
    private final Executor executor;
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean requested;
    private volatile boolean cancelled;
    private boolean headersSent;
    private boolean closed;

    /// What a step left.
    enum Step {
        /// There is more to do at once.
        MORE,
        /// There is nothing to do until somebody wakes it.
        WAIT,
        /// The call is complete.
        DONE
    }

    Pump(ServerCall<Q, EncodedMessage> call, Executor executor) {
        this.call = call;
        this.executor = executor;
    }

    /// Reads and sends about a page. Called on one thread at a time, while the caller is ready.
    abstract Step step();

    /// Lets go of everything. Called once, when the call has ended for whatever reason.
    void release() {}

    final void wake() {
        if (work.getAndIncrement() == 0) {
            schedule();
        }
    }

    /// Called by whoever has the turn, so nothing runs beside it.
    private void schedule() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException _) {
            refuse(Refusal.of(ErrorCode.NOT_READY, "the node is stopping"));
        }
    }

    private void run() {
        int seen = work.get();
        int steps = 0;
        while (true) {
            boolean more = isGoing() && guardedStep();
            if (more && ++steps < STEPS_PER_TURN) {
                continue;
            }
            if (more) {
                schedule();
                return;
            }
            seen = work.addAndGet(-seen);
            if (seen == 0) {
                return;
            }
        }
    }

    private boolean isGoing() {
        if (cancelled && !closed) {
            closed = true;
            release();
        }
        return requested && !closed && call.isReady();
    }

    private boolean guardedStep() {
        try {
            return switch (step()) {
                case MORE -> true;
                case WAIT -> false;
                case DONE -> {
                    close(Status.OK, new Metadata());
                    yield false;
                }
            };
        } catch (RefusedException e) {
            refuse(e.refusal());
        } catch (StorageException e) {
            LOG.warnf("read failed: %s", e.getMessage());
            refuse(
                    Refusal.of(
                            e.kind() == StorageException.Kind.DAMAGED
                                    ? ErrorCode.DAMAGED
                                    : ErrorCode.NOT_READY,
                            String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            // The edge of a call: others must not suffer from it.
            LOG.error("a read failed by a failure of the program", e);
            refuse(Refusal.of(ErrorCode.INTERNAL, "internal error: " + e));
        }
        return false;
    }

    /// Ends the call with a refusal.
    final void refuse(Refusal refusal) {
        refusal.end(this::close);
    }

    private void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            release();
            call.close(status, trailers);
        }
    }

    final void send(EncodedMessage message) {
        if (!headersSent) {
            headersSent = true;
            call.sendHeaders(new Metadata());
        }
        call.sendMessage(message);
    }

    @Override
    public final void onHalfClose() {
        requested = true;
        wake();
    }

    @Override
    public final void onReady() {
        wake();
    }

    @Override
    public final void onCancel() {
        cancelled = true;
        wake();
    }
}
