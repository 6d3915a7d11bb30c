package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/// A handler that notes what it hears, and handles each bulk message only when it is allowed to.
final class Listening implements MessageHandler {
    record Heard(NodeId from, Lane lane, int number, int bytes, String thread) {}

    final List<Heard> messages = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final Semaphore bulkAllowed;
    private final boolean mayBlock;

    Listening() {
        this(true, Integer.MAX_VALUE);
    }

    Listening(boolean mayBlock, int bulkAllowed) {
        this.mayBlock = mayBlock;
        this.bulkAllowed = new Semaphore(bulkAllowed);
    }

    @Override
    public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
        if (lane == Lane.BULK) {
            bulkAllowed.acquireUninterruptibly();
        }
        messages.add(
                new Heard(
                        from,
                        lane,
                        message.remaining() >= 4 ? message.getInt(0) : -1,
                        message.remaining(),
                        Thread.currentThread().getName()));
    }

    @Override
    public boolean mayBlock() {
        return mayBlock;
    }

    @Override
    public void onConnected(NodeId peer) {
        events.add("+" + peer);
    }

    @Override
    public void onDisconnected(NodeId peer) {
        events.add("-" + peer);
    }

    List<Integer> numbers(Lane lane) {
        return messages.stream().filter(each -> each.lane() == lane).map(Heard::number).toList();
    }
}
