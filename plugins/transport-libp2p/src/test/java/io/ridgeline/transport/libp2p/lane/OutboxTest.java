package io.ridgeline.transport.libp2p.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final Outbox outbox = new Outbox(1_000);

    private static ByteBuffer bytes(int... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length);
        for (int value : values) {
            out.put((byte) value);
        }
        return out.flip();
    }

    @Test
    void putsSmallMessagesTogetherAsFarAsThereIsRoom() {
        outbox.offer(bytes(1, 2));
        outbox.offer(bytes());
        outbox.offer(bytes(3));
        outbox.offer(bytes(4, 5, 6));

        ByteBuffer batch = Objects.requireNonNull(outbox.pollSmall(8));

        byte[] taken = new byte[batch.remaining()];
        batch.get(taken);
        assertThat(HexFormat.of().formatHex(taken)).isEqualTo("020102" + "00" + "0103");
        assertThat(outbox.pollSmall(3)).isNull();
        assertThat(outbox.poll()).isEqualTo(bytes(4, 5, 6));
        outbox.onSent(3);
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void refusesWhatIsBeyondItsBoundAndTakesAnythingWhenItIsEmpty() {
        assertThat(outbox.offer(ByteBuffer.allocate(5_000))).isTrue();
        assertThat(outbox.offer(bytes(1))).isFalse();

        outbox.poll();
        assertThat(outbox.offer(bytes(1))).as("not sent yet").isFalse();
        outbox.onSent(5_000);
        assertThat(outbox.offer(bytes(1))).isTrue();
    }

    @Test
    void boundsEmptyMessages() {
        int count = 0;
        while (outbox.offer(bytes())) {
            count++;
        }
        assertThat(count).isEqualTo(15);
    }

    @Test
    void takesNothingOnceItIsClosed() {
        outbox.offer(bytes(1));
        outbox.close();

        assertThat(outbox.offer(bytes(2))).isFalse();
        assertThat(outbox.poll()).isNull();
    }
}
