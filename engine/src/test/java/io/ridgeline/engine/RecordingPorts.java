package io.ridgeline.engine;

import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.Message;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Turns port calls into values.
public final class RecordingPorts implements Ports {
    private final List<Sent> sent = new ArrayList<>();
    private final List<EngineEvent> events = new ArrayList<>();
    private final TreeMap<PartitionId, Published> published = new TreeMap<>();

    /// A message that was sent.
    public record Sent(NodeId to, Lane lane, Message message) {}

    @Override
    public boolean send(NodeId to, Lane lane, ByteBuffer message) {
        FrameReader frame = new FrameReader(message);
        for (Message next = frame.next(); next != null; next = frame.next()) {
            sent.add(new Sent(to, lane, next));
        }
        return true;
    }

    @Override
    public void published(PartitionId partition, Published state) {
        published.put(partition, state);
    }

    @Override
    public void record(EngineEvent event) {
        events.add(event);
    }

    /// {@return what was sent since the last call}
    public List<Sent> takeSent() {
        List<Sent> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /// {@return what happened so far}
    public List<EngineEvent> events() {
        return events;
    }

    /// {@return what readers were told last}
    public Published published(PartitionId partition) {
        Published state = published.get(partition);
        if (state == null) {
            throw new AssertionError("nothing published of partition " + partition);
        }
        return state;
    }
}
