package io.ridgeline.transport.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the sizes of writes, frames, pieces and steps of consumption: every stream arrives as
/// it was sent, nothing is in flight beyond the window, and nothing is left over.
class YamuxTransferProperties {
    private static final int WINDOW = YamuxLimits.INITIAL_WINDOW_BYTES;

    private record Sending(YamuxStream stream, ByteArrayOutputStream sent) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void streamsArriveAsTheyWereSent(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        YamuxPair pair = new YamuxPair(new YamuxLimits(100, 100, WINDOW, 100, 100));
        List<Sending> sendings = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            sendings.add(new Sending(pair.open(), new ByteArrayOutputStream()));
        }
        pair.settle();
        for (int i = 0; i < sendings.size(); i++) {
            pair.recorder(i).consuming = false;
        }
        int[] consumed = new int[sendings.size()];

        for (int step = 0; step < 2_000; step++) {
            int index = random.nextInt(sendings.size());
            switch (random.nextInt(3)) {
                case 0 -> write(sendings.get(index), random);
                case 1 -> {
                    int waiting = pair.recorder(index).data.size() - consumed[index];
                    assertThat(waiting).isLessThanOrEqualTo(WINDOW);
                    int step1 = random.nextInt(waiting + 1);
                    consumed[index] += step1;
                    pair.b.accepted.get(index).consumed(step1);
                }
                default -> carry(pair, random);
            }
        }
        sendings.forEach(each -> each.stream().closeWrite());
        for (boolean moved = true; moved; ) {
            pair.settle();
            moved = false;
            for (int i = 0; i < sendings.size(); i++) {
                int waiting = pair.recorder(i).data.size() - consumed[i];
                consumed[i] += waiting;
                pair.b.accepted.get(i).consumed(waiting);
                moved |= waiting > 0;
            }
        }

        for (int i = 0; i < sendings.size(); i++) {
            assertThat(pair.recorder(i).data.toByteArray())
                    .as("stream %d of seed %d", i, seed)
                    .isEqualTo(sendings.get(i).sent().toByteArray());
            assertThat(pair.recorder(i).events).containsExactly("closed");
        }
        pair.b.accepted.forEach(YamuxStream::closeWrite);
        pair.settle();
        assertThat(pair.a.session.streams() + pair.b.session.streams()).isZero();
    }

    private static void write(Sending sending, SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(1, 20_000)];
        random.nextBytes(bytes);
        if (sending.stream().writable()) {
            sending.sent().writeBytes(bytes);
            sending.stream().write(ByteBuffer.wrap(bytes));
        }
    }

    private static void carry(YamuxPair pair, SplittableRandom random) {
        byte[] there = pair.a.output(random.nextInt(12, 70_000));
        int at = 0;
        while (at < there.length) {
            int piece = Math.min(there.length - at, random.nextInt(1, 30_000));
            pair.b.session.receive(ByteBuffer.wrap(there, at, piece));
            at += piece;
        }
        byte[] back = pair.b.output(random.nextInt(12, 1_000));
        for (byte each : back) {
            pair.a.session.receive(ByteBuffer.wrap(new byte[] {each}));
        }
    }
}
