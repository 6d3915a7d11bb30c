package io.ridgeline.transport.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class YamuxSessionTest {
    private static final int MIB = 1024 * 1024;

    private final YamuxPair pair = new YamuxPair();

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuffer frame(int type, int flags, int id, long length) {
        ByteBuffer out = ByteBuffer.allocate(YamuxHeader.BYTES);
        new YamuxHeader(type, flags, id, length).write(out);
        return out.flip();
    }

    @Nested
    class AStream {
        @Test
        void isOpenedWithAWindowAndAcknowledgedWithOne() {
            pair.open();

            assertThat(HexFormat.of().formatHex(pair.a.output(100)))
                    .isEqualTo("0001" + "0001" + "00000001" + "000c0000");
            pair.b.session.receive(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 1, 0));
            assertThat(HexFormat.of().formatHex(pair.b.output(100)))
                    .isEqualTo("0001" + "0002" + "00000001" + "000c0000");
        }

        @Test
        void carriesBytesBothWaysAndEndsEachDirectionOnItsOwn() {
            YamuxStream stream = pair.open();
            stream.write(bytes("to "), bytes("there"));
            stream.closeWrite();
            pair.settle();
            YamuxPair.Recorder there = pair.recorder(0);
            assertThat(there.data).hasToString("to there");
            assertThat(there.events).containsExactly("closed");
            assertThat(stream.closed().toCompletableFuture()).isNotDone();

            YamuxStream back = pair.b.accepted.getFirst();
            var sent = back.write(bytes("and back"));
            assertThat(sent.toCompletableFuture()).isNotDone();
            back.closeWrite();
            pair.settle();

            assertThat(sent.toCompletableFuture()).isCompleted();
            assertThat(stream.closed().toCompletableFuture()).isCompleted();
            assertThat(back.closed().toCompletableFuture()).isCompleted();
            assertThat(pair.a.session.streams() + pair.b.session.streams()).isZero();
            assertThat(pair.b.budget.availablePermits()).isEqualTo(YamuxPair.BUDGET);
        }

        @Test
        void thatIsResetIsDeadOnBothSidesAndWhatWasQueuedFails() {
            YamuxStream stream = pair.open();
            pair.settle();
            pair.recorder(0).consuming = false;
            var queued = stream.write(ByteBuffer.allocate(4 * MIB));
            pair.settle();
            stream.reset("enough");
            var late = stream.write(bytes("late"));
            pair.settle();

            assertThat(pair.recorder(0).events).containsExactly("reset");
            assertThat(queued.toCompletableFuture()).isCompletedExceptionally();
            assertThat(late.toCompletableFuture()).isCompletedExceptionally();
            assertThat(stream.closed().toCompletableFuture()).isCompletedExceptionally();
            assertThat(pair.a.session.streams() + pair.b.session.streams()).isZero();
        }

        @Test
        void dropsWhatWasStillOnItsWayWhenItWasReset() {
            YamuxStream stream = pair.open();
            pair.settle();
            stream.write(ByteBuffer.allocate(100_000));
            byte[] onItsWay = pair.a.output(50_000);
            pair.b.accepted.getFirst().reset("no more");

            pair.b.session.receive(ByteBuffer.wrap(onItsWay));
            pair.settle();

            assertThat(pair.a.session.streams() + pair.b.session.streams()).isZero();
        }

        @Test
        void whoseReaderThrowsIsResetAndNobodyElse() {
            YamuxStream stream = pair.open();
            YamuxStream other = pair.open();
            pair.settle();
            pair.b.accepted.getFirst().reader(new Throwing());
            stream.write(bytes("boom"));
            other.write(bytes("fine"));
            pair.settle();

            assertThat(stream.closed().toCompletableFuture()).isCompletedExceptionally();
            assertThat(pair.recorder(1).data).hasToString("fine");
            assertThat(pair.b.failures).hasSize(1);
        }
    }

    private static final class Throwing implements io.ridgeline.transport.libp2p.host.StreamReader {
        @Override
        public void onData(ByteBuffer data) {
            throw new IllegalStateException("a reader's bug");
        }

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(String reason) {}
    }

    @Nested
    class TheWindow {
        @Test
        void stopsTheSenderUntilTheReaderHasConsumed() {
            YamuxStream stream = pair.open();
            pair.settle();
            YamuxPair.Recorder there = pair.recorder(0);
            there.consuming = false;
            stream.write(ByteBuffer.allocate(3 * MIB));
            pair.settle();
            assertThat(there.data.size()).isEqualTo(MIB);

            pair.b.accepted.getFirst().consumed(MIB / 2 - 1);
            pair.settle();
            assertThat(there.data.size()).as("less than half is not worth a frame").isEqualTo(MIB);

            pair.b.accepted.getFirst().consumed(1);
            pair.settle();
            assertThat(there.data.size()).isEqualTo(MIB + MIB / 2);
        }

        @Test
        void tellsTheWriterWhenToStopAndWhenToGoOn() {
            YamuxStream stream = pair.open();
            pair.settle();
            List<Boolean> calls = new ArrayList<>();
            stream.onWritable(() -> calls.add(stream.writable()));
            pair.recorder(0).consuming = false;

            stream.write(ByteBuffer.allocate(MIB));
            assertThat(stream.writable()).isFalse();
            pair.settle();
            assertThat(calls).containsExactly(true);

            stream.write(ByteBuffer.allocate(MIB));
            pair.settle();
            assertThat(stream.writable()).isFalse();
            assertThat(calls).hasSize(1);
        }

        @Test
        void thatIsOverrunEndsTheConnectionBeforeTheBodyHasCome() {
            pair.open();
            pair.settle();

            assertThatThrownBy(() -> pair.b.session.receive(frame(YamuxHeader.DATA, 0, 1, MIB + 1)))
                    .isInstanceOf(YamuxViolation.class)
                    .hasMessageContaining("window");
        }

        @Test
        void ofFourGibibytesThatNobodyGrantedEndsTheConnection() {
            assertThatThrownBy(() ->
                            pair.b.session.receive(frame(YamuxHeader.DATA, YamuxHeader.SYN, 1, -1)))
                    .isInstanceOf(YamuxViolation.class);
            assertThatThrownBy(() -> pair.a.session.receive(frame(YamuxHeader.DATA, 0, 99, -1)))
                    .isInstanceOf(YamuxViolation.class);
        }

        @Test
        void thatGrowsBeyondItsNumbersResetsTheStream() {
            YamuxStream stream = pair.open();
            pair.settle();

            pair.a.session.receive(frame(YamuxHeader.WINDOW_UPDATE, 0, stream.id(), 0xffff_ffffL));

            assertThat(stream.closed().toCompletableFuture()).isCompletedExceptionally();
        }

        @Test
        void canOnlyGrowByWhatWasReceived() {
            YamuxStream stream = pair.open();

            assertThatThrownBy(() -> stream.consumed(1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Output {
        @Test
        void takesTurnsBetweenStreams() {
            YamuxStream first = pair.open();
            YamuxStream second = pair.open();
            pair.settle();
            first.write(ByteBuffer.allocate(200_000));
            second.write(ByteBuffer.allocate(200_000));

            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                order.add(ByteBuffer.wrap(pair.a.output(65_519)).getInt(4));
            }

            assertThat(order).containsExactly(1, 3, 1, 3, 1, 3);
        }

        @Test
        void putsControlFramesAheadOfData() {
            YamuxStream stream = pair.open();
            pair.settle();
            stream.write(ByteBuffer.allocate(1_000));
            pair.a.session.ping(7);

            ByteBuffer out = ByteBuffer.wrap(pair.a.output(65_519));

            assertThat(out.get(1)).isEqualTo((byte) YamuxHeader.PING);
            assertThat(out.get(13)).isEqualTo((byte) YamuxHeader.DATA);
        }

        @Test
        void doesNotCutDataForTheLastBytesOfABuffer() {
            YamuxStream stream = pair.open();
            pair.settle();
            stream.write(ByteBuffer.allocate(1_000));
            for (int i = 0; i < 5; i++) {
                pair.a.session.ping(i);
            }

            assertThat(pair.a.output(100)).hasSize(60);
            assertThat(pair.a.output(2_000)).hasSize(1_012);
        }
    }

    @Nested
    class APing {
        @Test
        void comesBackWithItsValue() {
            pair.a.session.ping(0xffff_fffeL);
            pair.settle();

            assertThat(pair.a.pongs).containsExactly(0xffff_fffeL);
        }

        @Test
        void floodEndsTheConnectionWhileAnswersWait() {
            assertThatThrownBy(() -> flood(33)).isInstanceOf(YamuxViolation.class);
        }

        @Test
        void floodEndsTheConnectionThoughAnswersLeave() {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 65; i++) {
                                    flood(1);
                                    pair.b.output(100);
                                }
                            })
                    .isInstanceOf(YamuxViolation.class);
        }

        @Test
        void atAModestRateIsAlwaysAnswered() {
            for (int i = 0; i < 1_000; i++) {
                flood(20);
                assertThat(pair.b.output(1_000)).hasSize(240);
                pair.b.session.onTick();
            }
        }

        private void flood(int count) {
            for (int i = 0; i < count; i++) {
                pair.b.session.receive(frame(YamuxHeader.PING, YamuxHeader.SYN, 0, i));
            }
        }
    }

    @Nested
    class StreamLimits {
        private void syn(int id) {
            pair.b.session.receive(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, id, 0));
        }

        @Test
        void resetWhatIsOpenedBeyondThem() {
            for (int i = 0; i < 1_001; i++) {
                syn(2 * i + 1);
            }

            assertThat(pair.b.accepted).hasSize(1_000);
            byte[] out = pair.b.output(100_000);
            assertThat(ByteBuffer.wrap(out).getShort(out.length - 10))
                    .isEqualTo((short) YamuxHeader.RST);
        }

        @Test
        void holdForStreamsThatAreOpenedAndResetAtOnce() {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 100_000; i++) {
                                    syn(2 * i + 1);
                                    pair.b.session.receive(
                                            frame(
                                                    YamuxHeader.WINDOW_UPDATE,
                                                    YamuxHeader.RST,
                                                    2 * i + 1,
                                                    0));
                                    pair.b.output(100);
                                }
                            })
                    .isInstanceOf(YamuxViolation.class)
                    .hasMessageContaining("flood");
            assertThat(pair.b.session.streams()).isZero();
            assertThat(pair.b.budget.availablePermits()).isEqualTo(YamuxPair.BUDGET);
        }

        @Test
        void holdForAllConnectionsTogether() {
            pair.b.budget.drainPermits();

            syn(1);

            assertThat(pair.b.accepted).isEmpty();
        }

        @Test
        void holdForUsUntilThePeerAnswers() {
            for (int i = 0; i < 256; i++) {
                pair.open();
            }
            assertThatThrownBy(pair::open).isInstanceOf(IllegalStateException.class);
            pair.settle();
            pair.open();
        }

        @Test
        void giveEverythingBackWhenTheConnectionEnds() {
            YamuxStream stream = pair.open();
            pair.settle();

            pair.b.session.abort("gone");
            pair.a.session.abort("gone");

            assertThat(pair.b.budget.availablePermits()).isEqualTo(YamuxPair.BUDGET);
            assertThat(stream.closed().toCompletableFuture()).isCompletedExceptionally();
            assertThat(pair.recorder(0).events).containsExactly("reset");
        }
    }

    @Nested
    class WhatIsAgainstTheRules {
        private void refused(ByteBuffer... frames) {
            assertThatThrownBy(
                            () -> {
                                for (ByteBuffer each : frames) {
                                    pair.b.session.receive(each);
                                }
                            })
                    .isInstanceOf(YamuxViolation.class);
        }

        @Test
        void endsTheConnection() {
            refused(ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}));
            refused(frame(4, 0, 1, 0));
            refused(frame(YamuxHeader.DATA, 0, 0, 1));
            refused(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 0, 0));
            refused(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 2, 0));
            refused(frame(YamuxHeader.PING, YamuxHeader.SYN, 3, 0));
        }

        @Test
        void isAStreamOpenedTwiceOrBackwards() {
            pair.b.session.receive(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 5, 0));

            refused(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 5, 0));
            refused(frame(YamuxHeader.WINDOW_UPDATE, YamuxHeader.SYN, 3, 0));
        }

        @Test
        void isDataBehindTheEnd() {
            pair.b.session.receive(
                    frame(YamuxHeader.DATA, YamuxHeader.SYN | YamuxHeader.FIN, 1, 0));

            refused(frame(YamuxHeader.DATA, 0, 1, 1));
        }

        @Test
        void isToldToThePeerAndNothingElse() {
            YamuxStream stream = pair.open();
            stream.write(ByteBuffer.allocate(1_000));

            pair.a.session.goAwayForViolation();

            assertThat(HexFormat.of().formatHex(pair.a.output(10_000)))
                    .isEqualTo("0003" + "0000" + "00000000" + "00000001");
        }

        @Test
        void isNotAFrameForAStreamThatIsGone() {
            pair.b.session.receive(frame(YamuxHeader.WINDOW_UPDATE, 0, 77, 5));
            ByteBuffer data = ByteBuffer.allocate(YamuxHeader.BYTES + 4);
            new YamuxHeader(YamuxHeader.DATA, 0, 77, 4).write(data);
            data.putInt(0);
            pair.b.session.receive(data.flip());
            pair.a.session.ping(1);
            pair.settle();

            assertThat(pair.a.pongs).containsExactly(1L);
        }
    }

    @Nested
    class GoingAway {
        @Test
        void letsStreamsFinishAndEndsWithTheLast() {
            YamuxStream stream = pair.open();
            pair.settle();
            pair.a.session.goAway();
            pair.settle();
            assertThat(pair.a.drained).isFalse();
            assertThatThrownBy(pair::open).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.b.session.open(YamuxPair.NOBODY))
                    .isInstanceOf(IllegalStateException.class);

            stream.closeWrite();
            pair.b.accepted.getFirst().closeWrite();
            pair.settle();

            assertThat(pair.a.drained).isTrue();
            assertThat(pair.b.drained).isTrue();
        }

        @Test
        void resetsWhatThePeerOpensMeanwhile() {
            pair.b.session.goAway();
            YamuxStream stream = pair.open();
            pair.settle();

            assertThat(stream.closed().toCompletableFuture()).isCompletedExceptionally();
            assertThat(pair.b.accepted).isEmpty();
        }
    }
}
