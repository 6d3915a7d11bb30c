package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A stream `a` of ten events, and three of another partition.
class ReadTest {
    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    private final RidgelineClient client = RidgelineClient.connect(server.address());

    @BeforeEach
    void fill() {
        for (int i = 0; i < 10; i++) {
            client.append("a").event("T", Integer.toString(i)).send();
        }
        client.append("b").event("T", "100").event("T", "101").event("T", "102").send();
        assertThat(MemoryStore.partitionOf("a")).isNotEqualTo(MemoryStore.partitionOf("b"));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private List<Integer> read(Source source, UnaryOperator<Read> how) {
        try (Stream<RecordedEvent> events = how.apply(client.read(source)).stream()) {
            return events.map(it -> Integer.valueOf(it.dataText())).toList();
        }
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static List<Integer> down(int from, int to) {
        return IntStream.rangeClosed(to, from).map(i -> from + to - i).boxed().toList();
    }

    @Nested
    class AStream {
        private final Source a = Source.stream("a");

        @Test
        void isReadFromAnyVersionInBothDirections() {
            assertThat(read(a, it -> it)).isEqualTo(range(0, 9));
            assertThat(read(a, Read::backward)).isEqualTo(down(9, 0));
            for (int from = 0; from < 12; from++) {
                int first = from;
                assertThat(read(a, it -> it.from(first)))
                        .isEqualTo(from > 9 ? List.of() : range(from, 9));
                assertThat(read(a, it -> it.from(first).backward()))
                        .isEqualTo(down(Math.min(from, 9), 0));
            }
        }

        @Test
        void isLimited() {
            for (int limit = 0; limit < 12; limit++) {
                int count = limit;
                assertThat(read(a, it -> it.limit(count)))
                        .isEqualTo(range(0, 9).subList(0, Math.min(limit, 10)));
                assertThat(read(a, it -> it.from(7).backward().limit(count)))
                        .isEqualTo(down(7, 0).subList(0, Math.min(limit, 8)));
            }
        }

        @Test
        void goesOnAfterALostConnection() {
            server.breakFeedsAfter(1);
            assertThat(read(a, it -> it)).isEqualTo(range(0, 9));
            assertThat(read(a, it -> it.from(2).limit(7))).isEqualTo(range(2, 8));
            assertThat(read(a, it -> it.backward())).isEqualTo(down(9, 0));
            assertThat(read(a, it -> it.from(8).backward().limit(5))).isEqualTo(down(8, 4));
            assertThat(read(Source.all(), it -> it)).hasSize(13).doesNotHaveDuplicates();
        }

        @Test
        void thatIsNotThereIsEmpty() {
            EventIterator events = client.read(Source.stream("nobody")).iterator();
            assertThat(events.hasNext()).isFalse();
            assertThatThrownBy(events::next).isInstanceOf(NoSuchElementException.class);
        }

        @Test
        void isNotReadFurtherThanItIsTaken() {
            server.eventsPerMessage(1);
            String kilobytes = "\"" + "x".repeat(200_000) + "\"";
            for (int i = 0; i < 100; i++) {
                client.append("long").event("T", kilobytes).send();
            }
            try (EventIterator events = client.read(Source.stream("long")).iterator()) {
                assertThat(events.next().version()).isZero();
                int before = server.framesSent();
                // 20 MB; the window of the connection and a few messages in the client hold far
                // less.
                for (int i = 0; i < 20; i++) {
                    client.append("other").event("T", "1").send();
                }
                assertThat(server.framesSent() - before).isLessThan(60);
                int taken = 1;
                while (events.hasNext()) {
                    assertThat(events.next().version()).isEqualTo(taken++);
                }
                assertThat(taken).isEqualTo(100);
            }
        }
    }

    @Nested
    class APartition {
        @Test
        void isReadBySequence() {
            Source partition = Source.partition(MemoryStore.partitionOf("b"));
            assertThat(read(partition, it -> it)).containsExactly(100, 101, 102);
            assertThat(read(partition, it -> it.from(1))).containsExactly(101, 102);
            assertThat(read(partition, it -> it.from(1).backward())).containsExactly(101, 100);
        }
    }

    @Nested
    class AllPartitions {
        @Test
        void areReadBehindAPosition() {
            assertThat(read(Source.all(), it -> it)).hasSize(13);
            Position behind =
                    Position.parse(
                            MemoryStore.partitionOf("a")
                                    + ":0:7,"
                                    + MemoryStore.partitionOf("b")
                                    + ":0:2");
            assertThat(read(Source.all(), it -> it.after(behind))).containsExactly(8, 9);
        }

        @Test
        void haveNoNumberAndNoWayBack() {
            assertThatThrownBy(() -> client.read(Source.all()).from(1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.read(Source.all()).backward())
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anEventIsFoundByItsId() {
        UUID id = client.append("c").event("Named", "7").send().eventIds().get(0);
        assertThat(client.get(id)).map(RecordedEvent::type).contains("Named");
        assertThat(client.get(id, "c")).map(RecordedEvent::id).contains(id);
        assertThat(client.get(EventIds.next())).isEmpty();
    }

    @Test
    void theStatusIsThatOfTheNode() {
        NodeStatus status = client.status();
        assertThat(status.node()).isEqualTo("n1");
        assertThat(status.partitions()).hasSize(MemoryStore.PARTITIONS);
        assertThat(status.partitions().get(MemoryStore.partitionOf("b")).watermark()).isEqualTo(2);
        assertThat(status.members().get(0).clientAddress()).isEqualTo(server.address());
        assertThat(status.members().get(0).protocol()).contains(new NodeStatus.Protocol(1, 2, 2));
    }

    @Test
    void aMissingEventIsNoticed() {
        List<String> lines = new ArrayList<>();
        Cursor cursor = new Cursor(Source.stream("s"), 0L, Position.START, false, true);
        for (long version : new long[] {0, 1, 1, 3}) {
            byte[] bytes =
                    io.ridgeline.api.v1.RecordedEvent.newBuilder()
                            .setVersion(version)
                            .build()
                            .toByteArray();
            try {
                lines.add(version + " " + cursor.accept(new RecordedEvent(bytes, 0, bytes.length)));
            } catch (MalformedMessageException e) {
                lines.add("missing");
            }
        }
        assertThat(lines).containsExactly("0 true", "1 true", "1 false", "missing");
    }

    @Test
    void aClosedReadEnds() {
        EventIterator events = client.read(Source.stream("a")).iterator();
        events.next();
        events.close();
        assertThat(events.hasNext()).isFalse();
    }

    @Test
    void aReadOfAServerThatIsGoneFails() {
        server.stop();
        try (RidgelineClient hasty =
                RidgelineClient.builder().servers(server.address()).failFast().build()) {
            assertThatThrownBy(() -> hasty.read(Source.stream("a")).iterator().hasNext())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("cannot reach");
            assertThatThrownBy(hasty::status)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("cannot reach");
        }
    }
}
