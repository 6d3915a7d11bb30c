package io.ridgeline.it.load;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.it.events.Failure;
import java.nio.channels.ClosedChannelException;
import java.util.Set;

/// A writer with one call for each transaction.
final class UnaryWriter implements Runnable {
    /// Nothing happened, and nothing is wrong with the request: it is repeated in the same life.
    private static final Set<String> AGAIN =
            Set.of("OVERLOADED", "NOT_READY", "QUORUM_UNAVAILABLE");

    private final Load load;
    private final Plot plot;
    private final Diary diary;

    UnaryWriter(Load load, Plot plot, Diary diary) {
        this.load = load;
        this.plot = plot;
        this.diary = diary;
    }

    @Override
    public void run() {
        try {
            Load.Life life = load.lifeAfter(0);
            while (!load.finishing()) {
                AppendRequest request = plot.next();
                diary.sent(request);
                for (boolean open = true; open; ) {
                    try {
                        AppendResponse answer =
                                EventStoreGrpc.newBlockingStub(life.channel())
                                        .withDeadlineAfter(20, SECONDS)
                                        .append(request);
                        diary.acknowledged(request, answer);
                        load.acknowledged();
                        open = false;
                    } catch (StatusRuntimeException e) {
                        life = afterFailure(life, e);
                    }
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Load.Life afterFailure(Load.Life life, StatusRuntimeException e)
            throws InterruptedException {
        if (AGAIN.contains(Failure.of(e).code())) {
            return life;
        }
        requireLostConnection(e);
        load.lost();
        return load.lifeAfter(life.number());
    }

    /// Fails for every other end of a call: the requests are right, and the node must see that.
    static void requireLostConnection(Throwable cause) {
        Failure failure = Failure.of(cause);
        // gRPC has no better word for a request that it writes to a connection just as it closes.
        boolean closedUnderIt =
                failure.status() == Status.Code.UNKNOWN
                        && cause.getCause() instanceof ClosedChannelException;
        if (failure.status() != Status.Code.UNAVAILABLE
                && failure.status() != Status.Code.CANCELLED
                && !closedUnderIt) {
            throw new IllegalStateException("not to be expected: " + failure, cause);
        }
    }
}
