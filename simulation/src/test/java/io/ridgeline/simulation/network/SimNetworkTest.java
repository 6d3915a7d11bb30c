package io.ridgeline.simulation.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimNetworkTest {
    private final EventQueue queue = new EventQueue();
    private final List<String> arrived = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();

    private SimNetwork network(NetworkProfile profile) {
        return new SimNetwork(
                queue,
                profile,
                3,
                new Seeded(5),
                new SimNetwork.Receiver() {
                    @Override
                    public void onArrived(int from, int to, Lane lane, ByteBuffer message) {
                        arrived.add(from + ">" + to + ":" + message.get(0));
                    }

                    @Override
                    public void onLost(int from, int to, Lane lane, ByteBuffer message) {
                        lost.add(from + ">" + to + ":" + message.get(0));
                    }
                });
    }

    private static ByteBuffer message(int number) {
        return ByteBuffer.wrap(new byte[] {(byte) number});
    }

    private void settle() {
        while (queue.step(queue.now() + 1_000_000_000_000L)) {
            // Runs dry.
        }
    }

    @Test
    void aLaneKeepsItsOrder() {
        SimNetwork network = network(new NetworkProfile(1_000, 1_000_000, 0, 0, 0, 0, 0));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            network.send(0, 1, Lane.CONTROL, message(i));
            expected.add("0>1:" + i);
        }

        settle();

        assertThat(arrived).isEqualTo(expected);
    }

    @Test
    void aCutLosesOneDirectionAndWhatWasOnItsWay() {
        SimNetwork network = network(NetworkProfile.calm(1_000));
        network.send(0, 1, Lane.CONTROL, message(1));
        network.cut(0, 1, true);
        network.send(0, 1, Lane.CONTROL, message(2));
        network.send(1, 0, Lane.CONTROL, message(3));

        settle();

        assertThat(arrived).containsExactly("1>0:3");
        assertThat(lost).containsExactlyInAnyOrder("0>1:1", "0>1:2");
    }

    @Test
    void cutsAddUp() {
        SimNetwork network = network(NetworkProfile.calm(1_000));
        network.cut(0, 1, true);
        network.cut(0, 1, true);
        network.cut(0, 1, false);
        assertThat(network.isCut(0, 1)).isTrue();

        network.cut(0, 1, false);
        assertThat(network.isCut(0, 1)).isFalse();
    }

    @Test
    void whatIsHeldEscapesLaterCuts() {
        SimNetwork network = network(NetworkProfile.calm(1_000));
        SimNetwork.Hold hold = (_, _, _, _) -> 5_000_000_000L;
        network.addHold(hold);
        network.send(0, 1, Lane.CONTROL, message(1));
        network.removeHold(hold);
        network.cut(0, 1, true);

        settle();

        assertThat(arrived).containsExactly("0>1:1");
        assertThat(network.held()).isEqualTo(1);
    }

    @Test
    void laterChangesOfTheSendersBytesAreNotSeen() {
        SimNetwork network = network(NetworkProfile.calm(1_000));
        ByteBuffer bytes = message(1);
        network.send(0, 1, Lane.CONTROL, bytes);
        bytes.put(0, (byte) 9);

        settle();

        assertThat(arrived).containsExactly("0>1:1");
    }
}
