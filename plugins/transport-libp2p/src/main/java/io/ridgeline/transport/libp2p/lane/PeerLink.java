package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/// A connection to a node of the cluster, and the lanes on it.
final class PeerLink {
    private final P2pHost host;
    private final P2pConnection connection;
    private final Delivery delivery;
    private final Map<Lane, Outbox> outboxes = new EnumMap<>(Lane.class);
    private final Map<Lane, LaneSender> senders = new EnumMap<>(Lane.class);
    private final Set<Lane> inbound = EnumSet.noneOf(Lane.class);
    private final AtomicBoolean waiting = new AtomicBoolean();

    PeerLink(P2pHost host, P2pConnection connection, Delivery delivery, long queueBytesMax) {
        this.host = host;
        this.connection = connection;
        this.delivery = delivery;
        for (Lane lane : Lane.values()) {
            Outbox outbox = new Outbox(queueBytesMax);
            outboxes.put(lane, outbox);
            senders.put(lane, new LaneSender(lane, outbox, connection::close));
        }
    }

    P2pConnection connection() {
        return connection;
    }

    Delivery delivery() {
        return delivery;
    }

    /// Starts to send and to be heard of.
    void begin(CompletionStage<?> previous) {
        for (LaneSender sender : senders.values()) {
            var _ =
                    host.newStream(connection, sender).stream()
                            .whenComplete((_, failure) -> {
                                if (failure != null) {
                                    connection.close("no lane: " + failure.getMessage());
                                }
                            });
        }
        delivery.begin(previous);
    }

    /// Another connection takes over, or this one is gone.
    ///
    /// @param last whether there is no other
    void end(String reason, boolean last) {
        outboxes.values().forEach(Outbox::close);
        connection.execute(() -> senders.values().forEach(sender -> sender.close(reason)));
        delivery.end(last);
    }

    /// {@return whether its lanes are used up: each is opened once}
    boolean hasEnded() {
        return delivery.hasEnded();
    }

    /// A lane that the peer opened; once only, or its messages would have no order.
    void onLane(Lane lane) {
        if (!inbound.add(lane)) {
            throw new MalformedException("lane " + lane + " opened twice");
        }
    }

    LaneReceiver receiver(P2pStream stream) {
        return new LaneReceiver(stream, this);
    }

    boolean offer(Lane lane, ByteBuffer message) {
        Outbox outbox = outboxes.get(lane);
        if (outbox == null || !outbox.offer(message)) {
            return false;
        }
        if (!waiting.get()) {
            waiting.set(true);
        }
        return true;
    }

    /// Sends what waits; one task on the connection's thread for all that came since the last one.
    void flush() {
        if (!waiting.get() || !waiting.getAndSet(false)) {
            return;
        }
        if (connection.onThread()) {
            pump();
        } else {
            connection.execute(this::pump);
        }
    }

    private void pump() {
        senders.values().forEach(LaneSender::pump);
    }

    long queuedBytes() {
        return outboxes.values().stream().mapToLong(Outbox::bytes).sum();
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}
