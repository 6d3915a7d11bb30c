package io.ridgeline.it.load;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.AppendStreamResponse;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.EventStoreGrpc;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A writer that keeps up to 64 transactions under way in one call, and after a crash sends those
/// that were not acknowledged again, in their order.
final class PipelinedWriter implements Runnable {
    private static final int UNDER_WAY_MAX = 64;

    private static final Set<ErrorCode> GOING =
            Set.of(ErrorCode.NOT_READY, ErrorCode.INDETERMINATE, ErrorCode.QUORUM_UNAVAILABLE);

    private final Load load;
    private final Plot plot;
    private final Diary diary;
    private final Deque<AppendRequest> open = new ArrayDeque<>();

    PipelinedWriter(Load load, Plot plot, Diary diary) {
        this.load = load;
        this.plot = plot;
        this.diary = diary;
    }

    @Override
    public void run() {
        try {
            int number = 0;
            while (!load.finishing() || !open.isEmpty()) {
                Load.Life life = load.lifeAfter(number);
                if (!write(life)) {
                    load.lost();
                }
                number = life.number();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Writes until the life ends or nothing is left to do.
    ///
    /// @return whether everything is acknowledged
    private boolean write(Load.Life life) throws InterruptedException {
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        StreamObserver<AppendStreamRequest> call =
                EventStoreGrpc.newStub(life.channel()).appendStream(new Inbox(answers));
        open.forEach(request -> call.onNext(message(request)));
        while (true) {
            while (open.size() < UNDER_WAY_MAX && !load.finishing()) {
                AppendRequest request = plot.next();
                diary.sent(request);
                open.addLast(request);
                call.onNext(message(request));
            }
            if (open.isEmpty()) {
                call.onCompleted();
                return true;
            }
            switch (answers.take()) {
                case Results(AppendStreamResponse response) -> {
                    for (AppendResult result : response.getResultsList()) {
                        if (!accept(result)) {
                            call.onError(Status.CANCELLED.asException());
                            return false;
                        }
                    }
                }
                case End(Throwable cause) -> {
                    UnaryWriter.requireLostConnection(cause);
                    return false;
                }
            }
        }
    }

    /// {@return false if the node is on its way out, so that later ones may not have happened}
    private boolean accept(AppendResult result) {
        if (result.hasAppended()) {
            diary.acknowledged(open.removeFirst(), result.getAppended());
            load.acknowledged();
            return true;
        }
        if (GOING.contains(result.getError().getCode())) {
            return false;
        }
        throw new IllegalStateException(
                "not to be expected: " + result + " to " + open.peekFirst());
    }

    private static AppendStreamRequest message(AppendRequest request) {
        return AppendStreamRequest.newBuilder().addAppends(request).build();
    }

    private sealed interface Answer {}

    private record Results(AppendStreamResponse response) implements Answer {}

    private record End(Throwable cause) implements Answer {}

    private record Inbox(BlockingQueue<Answer> answers)
            implements StreamObserver<AppendStreamResponse> {
        @Override
        public void onNext(AppendStreamResponse response) {
            answers.add(new Results(response));
        }

        @Override
        public void onError(Throwable failure) {
            answers.add(new End(failure));
        }

        @Override
        public void onCompleted() {
            answers.add(new End(Status.UNAVAILABLE.asRuntimeException()));
        }
    }
}
