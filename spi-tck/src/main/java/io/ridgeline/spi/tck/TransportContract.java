package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract of [Transport], shown on two nodes.
public abstract class TransportContract {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final long PATIENCE_SECONDS = 20;

    private final Inbox atA = new Inbox();
    private final Inbox atB = new Inbox();
    private Transport a;
    private Transport b;

    /// For the plugin's test.
    @SuppressWarnings("NullAway.Init") // set before each test
    protected TransportContract() {}

    /// {@return transports of the nodes of one cluster, in their order, none of them started}
    protected abstract List<Transport> transports(List<NodeId> nodes) throws Exception;

    /// What a node hears.
    private static final class Inbox implements MessageHandler {
        final Map<Lane, BlockingQueue<ByteBuffer>> messages = new EnumMap<>(Lane.class);
        final BlockingQueue<NodeId> connected = new LinkedBlockingQueue<>();
        final BlockingQueue<NodeId> disconnected = new LinkedBlockingQueue<>();
        final BlockingQueue<NodeId> senders = new LinkedBlockingQueue<>();

        Inbox() {
            for (Lane lane : Lane.values()) {
                messages.put(lane, new LinkedBlockingQueue<>());
            }
        }

        @Override
        public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
            senders.add(from);
            BlockingQueue<ByteBuffer> queue = messages.get(lane);
            if (queue == null) {
                throw new IllegalArgumentException(String.valueOf(lane));
            }
            queue.add(message);
        }

        @Override
        public void onConnected(NodeId peer) {
            connected.add(peer);
        }

        @Override
        public void onDisconnected(NodeId peer) {
            disconnected.add(peer);
        }

        ByteBuffer take(Lane lane) throws InterruptedException {
            BlockingQueue<ByteBuffer> queue = messages.get(lane);
            ByteBuffer message =
                    queue == null ? null : queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message on " + lane);
            }
            return message;
        }
    }

    @BeforeEach
    void connect() throws Exception {
        List<Transport> both = transports(List.of(A, B));
        a = both.get(0);
        b = both.get(1);
        a.start(atA);
        b.start(atB);
        assertThat(atA.connected.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(B);
        assertThat(atB.connected.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(A);
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static ByteBuffer message(int number) {
        return ByteBuffer.allocate(4).putInt(0, number);
    }

    @Test
    void keepsTheOrderOfEachLaneAndRepeatsNothing() throws Exception {
        Map<Lane, List<Integer>> taken = new EnumMap<>(Lane.class);
        for (int i = 0; i < 200; i++) {
            for (Lane lane : Lane.values()) {
                if (a.send(B, lane, message(i))) {
                    taken.computeIfAbsent(lane, _ -> new ArrayList<>()).add(i);
                }
            }
            a.flush();
        }
        for (Map.Entry<Lane, List<Integer>> lane : taken.entrySet()) {
            for (int number : lane.getValue()) {
                assertThat(atB.take(lane.getKey()).getInt()).isEqualTo(number);
            }
        }
        assertThat(taken).hasSize(Lane.values().length);
        assertThat(atB.senders).containsOnly(A);
        assertThat(atB.messages.values()).allMatch(BlockingQueue::isEmpty);
    }

    @Test
    void carriesMessagesWholeUpToTheLimit() throws Exception {
        assertThat(a.messageBytesMax()).isGreaterThanOrEqualTo(8 << 20);
        ByteBuffer large = ByteBuffer.allocate(a.messageBytesMax());
        for (int at = 0; at + 4 <= large.limit(); at += 4) {
            large.putInt(at, at * 31);
        }
        ByteBuffer expected = ByteBuffer.allocate(large.limit()).put(large.duplicate()).flip();
        assertThat(b.send(A, Lane.BULK, large)).isTrue();
        assertThat(b.send(A, Lane.BULK, ByteBuffer.allocate(0))).isTrue();
        b.flush();
        assertThat(atA.take(Lane.BULK)).isEqualTo(expected);
        assertThat(atA.take(Lane.BULK).remaining()).isZero();
    }

    @Test
    void refusesWhatIsTooLarge() {
        ByteBuffer large = ByteBuffer.allocate(a.messageBytesMax() + 1);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> a.send(B, Lane.BULK, large));
    }

    @Test
    void dropsWhatIsForNobody() {
        assertThat(a.send(new NodeId("nobody"), Lane.CONTROL, message(1))).isFalse();
    }

    @Test
    void tellsWhenAPeerHasGone() throws Exception {
        b.close();
        b.close();
        assertThat(atA.disconnected.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(B);
        assertThat(a.send(B, Lane.CONTROL, message(1))).isFalse();
    }
}
