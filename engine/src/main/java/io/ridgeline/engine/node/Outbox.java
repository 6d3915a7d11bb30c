package io.ridgeline.engine.node;

import io.ridgeline.engine.Ports;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.message.FrameWriter;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage.ExecuteForward;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Gathers a turn's messages to one peer, one frame per lane, so that they share a system call.
final class Outbox {
    private static final int CAPACITY_BYTES = 256;
    private static final Lane[] LANES = Lane.values();

    private final NodeId to;
    private final ShardSettings settings;
    private final Ports ports;
    private final LongConsumer onForwardDropped;
    private final List<Long> forwards = new ArrayList<>();
    private @Nullable FrameWriter control;
    private @Nullable FrameWriter replication;
    private @Nullable FrameWriter bulk;

    /// @param onForwardDropped learns which forwarded request certainly did not leave
    Outbox(NodeId to, ShardSettings settings, Ports ports, LongConsumer onForwardDropped) {
        this.to = to;
        this.settings = settings;
        this.ports = ports;
        this.onForwardDropped = onForwardDropped;
    }

    void add(Lane lane, Message message) {
        FrameWriter frame = frame(lane);
        if (frame == null) {
            frame =
                    new FrameWriter(
                            settings.clusterId(),
                            settings.bucket(),
                            settings.self().startedAt(),
                            CAPACITY_BYTES);
            set(lane, frame);
        }
        frame.add(message);
        if (message instanceof ExecuteForward forward) {
            forwards.add(forward.requestId());
        }
        if (frame.lengthBytes() >= settings.limits().frameBytesMax()) {
            flush(lane);
        }
    }

    /// {@return whether something waits to go out on the lane}
    boolean holds(Lane lane) {
        return frame(lane) != null;
    }

    void flush() {
        for (Lane lane : LANES) {
            flush(lane);
        }
    }

    private void flush(Lane lane) {
        FrameWriter frame = frame(lane);
        if (frame == null) {
            return;
        }
        set(lane, null);
        boolean taken = ports.send(to, lane, frame.finish());
        if (lane == Lane.REPLICATION && !forwards.isEmpty()) {
            List<Long> sent = List.copyOf(forwards);
            forwards.clear();
            if (!taken) {
                sent.forEach(onForwardDropped::accept);
            }
        }
    }

    private @Nullable FrameWriter frame(Lane lane) {
        return switch (lane) {
            case CONTROL -> control;
            case REPLICATION -> replication;
            case BULK -> bulk;
        };
    }

    private void set(Lane lane, @Nullable FrameWriter frame) {
        switch (lane) {
            case CONTROL -> control = frame;
            case REPLICATION -> replication = frame;
            case BULK -> bulk = frame;
        }
    }
}
