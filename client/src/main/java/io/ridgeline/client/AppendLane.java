package io.ridgeline.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import io.ridgeline.api.v1.Error;
import io.ridgeline.api.v1.PartitionCoordinator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All appends to one node over one long-lived call. Lives on the client's event loop.
///
/// What is queued goes out in one message: at once if little is unanswered, else with the next
/// answer, when more has gathered (as Nagle's algorithm does for TCP, and for the same reason: a
/// message costs a system call and a wake-up on either side). A full message always goes out, as
/// long as the connection and the bound on unanswered bytes allow it.
final class AppendLane {
    private static final int MESSAGE_BYTES_MAX = 256 * 1024;
    private static final int MESSAGE_APPENDS_MAX = 1_000;
    private static final int UNANSWERED_BYTES_MAX = 8 * 1024 * 1024;

    /// So many messages may be unanswered when one that is not full is sent.
    private static final int UNANSWERED_MESSAGES = 2;

    /// More than the default of 32 KiB, which one message fills.
    private static final int READY_BYTES = 1024 * 1024;

    private static final int APPENDED = WireReader.sizedTag(1);
    private static final int FAILED = WireReader.sizedTag(2);
    private static final int RESULTS = WireReader.sizedTag(1);
    private static final int COORDINATORS = WireReader.sizedTag(2);

    private final Node node;
    private final EventLoop loop;
    private final AppendDispatcher dispatcher;
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private final ArrayDeque<Pending> unanswered = new ArrayDeque<>();

    /// For each unanswered message, how many appends had been sent when it ended.
    private final ArrayDeque<Long> messageEnds = new ArrayDeque<>();

    private long queuedBytes;
    private long unansweredBytes;
    private long sentAppends;
    private long answeredAppends;
    private @Nullable ClientCall<List<byte[]>, List<byte[]>> call;
    private boolean open;

    /// Tells what an earlier call still says from what the present one says.
    private int generation;

    AppendLane(Node node, EventLoop loop, AppendDispatcher dispatcher) {
        this.node = node;
        this.loop = loop;
        this.dispatcher = dispatcher;
    }

    void enqueue(Pending pending) {
        queue.add(pending);
        queuedBytes += pending.sizeBytes();
    }

    /// Sends what may be sent.
    void flush() {
        while (!queue.isEmpty()) {
            ClientCall<List<byte[]>, List<byte[]>> current = call;
            if (current == null) {
                open();
                return;
            }
            // Not ready either because it is not connected yet: what is never handed over surely
            // has not
            // happened. Or because the network is slower than we are.
            if (!current.isReady() || unansweredBytes >= UNANSWERED_BYTES_MAX) {
                return;
            }
            boolean full = queuedBytes >= MESSAGE_BYTES_MAX || queue.size() >= MESSAGE_APPENDS_MAX;
            if (!full && messageEnds.size() >= UNANSWERED_MESSAGES) {
                return;
            }
            sendMessage(current);
        }
    }

    private void sendMessage(ClientCall<List<byte[]>, List<byte[]>> current) {
        List<byte[]> parts = new ArrayList<>(Math.min(queue.size(), MESSAGE_APPENDS_MAX));
        long now = System.nanoTime();
        int bytes = 0;
        while (parts.size() < MESSAGE_APPENDS_MAX) {
            Pending pending = queue.peek();
            if (pending == null) {
                break;
            }
            int size = pending.sizeBytes();
            if (bytes > 0 && bytes + size > MESSAGE_BYTES_MAX) {
                break;
            }
            queue.remove();
            queuedBytes -= size;
            if (pending.settled) {
                continue;
            }
            bytes += size;
            pending.sentNanos = now;
            parts.add(pending.encoded.bytes());
            unanswered.add(pending);
        }
        if (parts.isEmpty()) {
            return;
        }
        unansweredBytes += bytes;
        sentAppends += parts.size();
        messageEnds.add(sentAppends);
        current.sendMessage(parts);
    }

    private void open() {
        node.channel.resetConnectBackoff();
        ClientCall<List<byte[]>, List<byte[]>> opened =
                node.channel.newCall(
                        Methods.APPEND_STREAM,
                        CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
        call = opened;
        open = false;
        opened.start(new Answers(generation), new Metadata());
        // The server answers only what it was sent, and that is bounded.
        opened.request(Integer.MAX_VALUE);
    }

    private void onReady(int from) {
        if (from == generation) {
            open = true;
            flush();
        }
    }

    private void onMessage(int from, byte[] message) {
        if (from != generation) {
            return;
        }
        node.answered();
        try {
            WireReader reader = new WireReader(message, 0, message.length);
            while (reader.hasMore()) {
                int tag = reader.tag();
                if (tag == RESULTS) {
                    int length = reader.length();
                    onResult(message, reader.position(), length);
                    reader.skipBytes(length);
                } else if (tag == COORDINATORS) {
                    int length = reader.length();
                    dispatcher.learn(decodeCoordinator(message, reader.position(), length));
                    reader.skipBytes(length);
                } else {
                    reader.skip(tag);
                }
            }
        } catch (MalformedMessageException e) {
            cancel("malformed answer");
            lost(
                    Failure.of(
                            ErrorCode.UNRECOGNIZED,
                            Outcome.UNKNOWN,
                            "malformed answer: " + e.getMessage()));
            return;
        }
        while (!messageEnds.isEmpty() && messageEnds.peek() <= answeredAppends) {
            messageEnds.remove();
        }
        flush();
    }

    private void onResult(byte[] message, int offset, int length) {
        Pending pending = unanswered.poll();
        if (pending == null) {
            throw new MalformedMessageException("more answers than requests");
        }
        answeredAppends++;
        unansweredBytes -= pending.sizeBytes();
        WireReader result = new WireReader(message, offset, length);
        while (result.hasMore()) {
            int tag = result.tag();
            if (tag == APPENDED) {
                int size = result.length();
                dispatcher.appended(
                        pending,
                        new AppendResult(pending.append, message, result.position(), size));
                return;
            } else if (tag == FAILED) {
                int size = result.length();
                dispatcher.failed(pending, node, decodeError(message, result.position(), size));
                return;
            }
            result.skip(tag);
        }
        dispatcher.failed(
                pending,
                node,
                Failure.of(
                        ErrorCode.UNRECOGNIZED,
                        Outcome.UNKNOWN,
                        "an answer of a kind that this client does not know"));
    }

    private static PartitionCoordinator decodeCoordinator(byte[] message, int offset, int length) {
        try {
            return PartitionCoordinator.parseFrom(ByteString.copyFrom(message, offset, length));
        } catch (InvalidProtocolBufferException e) {
            throw (MalformedMessageException)
                    new MalformedMessageException("malformed coordinator").initCause(e);
        }
    }

    private static Failure decodeError(byte[] message, int offset, int length) {
        try {
            return Failure.of(Error.parseFrom(ByteString.copyFrom(message, offset, length)));
        } catch (InvalidProtocolBufferException e) {
            throw (MalformedMessageException)
                    new MalformedMessageException("malformed error").initCause(e);
        }
    }

    private void onClose(int from, Status status, Metadata trailers) {
        if (from == generation) {
            boolean neverConnected = !open && status.getCode() == Status.Code.UNAVAILABLE;
            Failure failure = Failure.of(status, trailers, false);
            Failure explained =
                    neverConnected
                            ? failure.with(
                                    "cannot reach " + node.address + ": " + failure.message())
                            : failure.with(
                                    "lost the connection to "
                                            + node.address
                                            + ": "
                                            + failure.message());
            node.failed(System.nanoTime(), neverConnected, explained.message());
            lost(explained);
        }
    }

    /// Gives back everything: what was sent as perhaps done, what was not as not done.
    private void lost(Failure failure) {
        call = null;
        open = false;
        generation++;
        List<Pending> sent = new ArrayList<>(unanswered);
        List<Pending> unsent = new ArrayList<>(queue);
        unanswered.clear();
        queue.clear();
        messageEnds.clear();
        queuedBytes = 0;
        unansweredBytes = 0;
        answeredAppends = sentAppends;
        dispatcher.lost(node, sent, unsent, failure);
    }

    Node node() {
        return node;
    }

    /// {@return whether an answer is due for so long}
    boolean waitsLongerThan(long nanos, long nowNanos) {
        Pending oldest = unanswered.peek();
        return oldest != null && nowNanos - oldest.sentNanos > nanos;
    }

    /// Ends the call if the node has not answered for too long: it may hang, or the network drops
    /// what we send.
    void checkStalled(long nowNanos, long stallNanos) {
        Pending oldest = unanswered.peek();
        if (oldest != null && nowNanos - oldest.sentNanos > stallNanos) {
            node.failed(nowNanos, false, node.address + " does not answer");
            cancel("no answer");
            lost(
                    Failure.of(
                            ErrorCode.UNAVAILABLE,
                            Outcome.NOTHING_HAPPENED,
                            node.address + " does not answer"));
        }
    }

    void forEach(Consumer<Pending> action) {
        unanswered.forEach(action);
        queue.forEach(action);
    }

    /// Ends the call, whatever is under way.
    void close() {
        generation++;
        cancel("client closed");
        call = null;
    }

    private void cancel(String reason) {
        ClientCall<?, ?> current = call;
        if (current != null) {
            current.cancel(reason, null);
        }
    }

    /// Brings what the call says to the event loop; it nearly always is there already.
    private final class Answers extends ClientCall.Listener<List<byte[]>> {
        private final int from;

        Answers(int from) {
            this.from = from;
        }

        private void onLoop(Runnable action) {
            if (loop.inEventLoop()) {
                action.run();
            } else {
                loop.execute(action);
            }
        }

        @Override
        public void onReady() {
            onLoop(() -> AppendLane.this.onReady(from));
        }

        @Override
        public void onMessage(List<byte[]> message) {
            onLoop(() -> AppendLane.this.onMessage(from, message.get(0)));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            onLoop(() -> AppendLane.this.onClose(from, status, trailers));
        }
    }
}
