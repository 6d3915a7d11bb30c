package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What the handler hears of one connection: that it exists, its messages, one at a time per lane,
/// and that it is gone, once the last message has been handled and unless another takes over. It
/// begins when the delivery of the connection before it has ended; until then messages wait, within
/// their lane's credit.
final class Delivery {
    private static final System.Logger LOG = System.getLogger(Delivery.class.getName());

    private record Received(ByteBuffer message, Runnable handled) {}

    private static final class Waiting {
        final Deque<Received> messages = new ArrayDeque<>();
        boolean running;
    }

    /// What the handler believes. Shared by the deliveries of one peer, which take turns.
    static final class Presence {
        private volatile boolean connected;
    }

    private final NodeId peer;
    private final MessageHandler handler;
    private final Presence presence;
    private final Executor executor;
    private final Map<Lane, Waiting> lanes = new EnumMap<>(Lane.class);
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private boolean begun;
    private boolean open;
    private boolean ended;
    private boolean lastOfPeer;

    /// @param executor runs calls of the handler
    Delivery(NodeId peer, MessageHandler handler, Executor executor, Presence presence) {
        this.presence = presence;
        this.peer = peer;
        this.handler = handler;
        this.executor = executor;
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new Waiting());
        }
    }

    /// {@return completes when nothing of this connection will be heard any more}
    CompletionStage<@Nullable Void> done() {
        return done;
    }

    /// Begins once what went before is done.
    void begin(CompletionStage<?> previous) {
        synchronized (this) {
            if (ended || begun) {
                return;
            }
            begun = true;
        }
        var _ = previous.whenComplete((_, _) -> executor.execute(this::open));
    }

    private void open() {
        boolean over;
        synchronized (this) {
            over = ended;
            if (over) {
                // It came and went while another was still heard of.
                lanes.values().forEach(waiting -> waiting.messages.clear());
            }
        }
        if (over) {
            finish();
            return;
        }
        presence.connected = true;
        call(() -> handler.onConnected(peer));
        synchronized (this) {
            open = true;
        }
        for (Lane lane : Lane.values()) {
            schedule(lane);
        }
        finishIfOver();
    }

    /// Hands a message over.
    ///
    /// @param handled called when the handler is done with it
    void add(Lane lane, ByteBuffer message, Runnable handled) {
        synchronized (this) {
            if (ended) {
                return;
            }
            lane(lane).messages.addLast(new Received(message, handled));
        }
        schedule(lane);
    }

    private Waiting lane(Lane lane) {
        Waiting waiting = lanes.get(lane);
        if (waiting == null) {
            throw new IllegalStateException("no lane " + lane);
        }
        return waiting;
    }

    private void schedule(Lane lane) {
        synchronized (this) {
            Waiting waiting = lane(lane);
            if (!open || waiting.running || waiting.messages.isEmpty()) {
                return;
            }
            waiting.running = true;
        }
        executor.execute(() -> drain(lane));
    }

    private void drain(Lane lane) {
        while (true) {
            Received next;
            synchronized (this) {
                Waiting waiting = lane(lane);
                next = waiting.messages.pollFirst();
                if (next == null) {
                    waiting.running = false;
                    break;
                }
            }
            call(() -> handler.onMessage(peer, lane, next.message()));
            next.handled().run();
        }
        finishIfOver();
    }

    /// Nothing more comes; what has come is still handled.
    ///
    /// @param last whether no other connection to the peer takes over
    void end(boolean last) {
        boolean never;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            lastOfPeer = last;
            never = !begun;
            if (never) {
                lanes.values().forEach(waiting -> waiting.messages.clear());
            }
        }
        if (never) {
            done.complete(null);
        } else {
            executor.execute(this::finishIfOver);
        }
    }

    /// {@return whether nothing more comes}
    synchronized boolean hasEnded() {
        return ended;
    }

    private void finishIfOver() {
        synchronized (this) {
            boolean idle =
                    lanes.values().stream()
                            .allMatch(each -> !each.running && each.messages.isEmpty());
            if (!ended || !open || !idle) {
                return;
            }
            // Nobody else gets here again.
            open = false;
        }
        finish();
    }

    private void finish() {
        if (lastOfPeer && presence.connected) {
            presence.connected = false;
            call(() -> handler.onDisconnected(peer));
        }
        done.complete(null);
    }

    /// A handler that throws has lost one message, as the network may; the others go on.
    private void call(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a message of node " + peer + " failed", e);
        }
    }
}
