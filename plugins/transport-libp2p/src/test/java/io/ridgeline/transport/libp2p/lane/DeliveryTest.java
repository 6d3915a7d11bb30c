package io.ridgeline.transport.libp2p.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// With an executor that a test runs by hand: what is not run yet is still under way.
class DeliveryTest {
    private static final NodeId PEER = new NodeId("p");

    private final List<String> heard = new ArrayList<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Delivery.Presence presence = new Delivery.Presence();

    private final MessageHandler handler =
            new MessageHandler() {
                @Override
                public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
                    heard.add(lane + " " + message.get(0));
                    if (message.get(0) == 13) {
                        throw new IllegalStateException("a handler's bug");
                    }
                }

                @Override
                public void onConnected(NodeId peer) {
                    heard.add("+");
                }

                @Override
                public void onDisconnected(NodeId peer) {
                    heard.add("-");
                }
            };

    private Delivery delivery() {
        return new Delivery(PEER, handler, tasks::add, presence);
    }

    private void run() {
        for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
            next.run();
        }
    }

    private void add(Delivery delivery, Lane lane, int number) {
        delivery.add(
                lane,
                ByteBuffer.wrap(new byte[] {(byte) number}),
                () -> heard.add("handled " + number));
    }

    private static CompletableFuture<@Nullable Void> now() {
        return CompletableFuture.completedFuture(null);
    }

    @Test
    void tellsOfTheConnectionBeforeItsMessagesAndOfItsEndBehindThem() {
        Delivery delivery = delivery();
        add(delivery, Lane.CONTROL, 1);
        delivery.begin(now());
        add(delivery, Lane.CONTROL, 2);
        delivery.end(true);
        add(delivery, Lane.CONTROL, 3);
        assertThat(heard).isEmpty();
        assertThat(delivery.done().toCompletableFuture()).isNotDone();

        run();

        // Nothing was open when it ended, so nothing was promised.
        assertThat(heard).isEmpty();
        assertThat(delivery.done().toCompletableFuture()).isCompleted();
    }

    @Test
    void handlesWhatHasComeBeforeItEnds() {
        Delivery delivery = delivery();
        delivery.begin(now());
        run();
        add(delivery, Lane.CONTROL, 1);
        add(delivery, Lane.CONTROL, 2);
        delivery.end(true);
        add(delivery, Lane.CONTROL, 3);
        run();

        assertThat(heard)
                .containsExactly("+", "CONTROL 1", "handled 1", "CONTROL 2", "handled 2", "-");
    }

    @Test
    void goesOnBehindAHandlerThatThrows() {
        Delivery delivery = delivery();
        delivery.begin(now());
        add(delivery, Lane.BULK, 13);
        add(delivery, Lane.BULK, 2);
        run();

        assertThat(heard).containsExactly("+", "BULK 13", "handled 13", "BULK 2", "handled 2");
    }

    @Test
    void waitsForTheOneBeforeAndTellsOfOnePresence() {
        Delivery first = delivery();
        first.begin(now());
        run();
        Delivery second = delivery();
        second.begin(first.done());
        add(second, Lane.CONTROL, 2);
        run();
        assertThat(heard).containsExactly("+");

        add(first, Lane.CONTROL, 1);
        first.end(false);
        run();
        second.end(true);
        run();

        assertThat(heard)
                .containsExactly("+", "CONTROL 1", "handled 1", "+", "CONTROL 2", "handled 2", "-");
    }

    @Test
    void tellsOfTheEndThoughTheLastConnectionCameToNothing() {
        Delivery first = delivery();
        first.begin(now());
        run();
        Delivery second = delivery();
        second.begin(first.done());
        first.end(false);
        second.end(true);
        run();

        assertThat(heard).containsExactly("+", "-");
    }

    @Test
    void thatNeverBeganIsOverAtOnce() {
        Delivery delivery = delivery();
        delivery.end(true);
        run();

        assertThat(heard).isEmpty();
        assertThat(delivery.done().toCompletableFuture()).isCompleted();
    }
}
