package io.ridgeline.spi.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Two streams under one key, with tags, metadata and data of some length.
class TransactionTest {
    private static final List<NewEvent> EVENTS =
            List.of(
                    event(1, "a", "Opened", List.of(new Tag("k", "v"), new Tag("l", "w")), 300),
                    event(2, "b", "Moved", List.of(), 0),
                    event(3, "a", "Closed", List.of(), 5));

    private static NewEvent event(int id, String stream, String type, List<Tag> tags, int bytes) {
        return new NewEvent(
                new UUID(7, id),
                stream,
                type,
                id == 2 ? "text/plain" : "",
                1_700_000_000_000_000L - id,
                id,
                tags,
                ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8)),
                ByteBuffer.allocate(bytes));
    }

    private static Transaction assigned() {
        Transaction made = Transaction.of("key", EVENTS);
        made.assign(100, new long[] {4, 0});
        return made;
    }

    @Test
    void givesBackWhatWasPutIn() {
        Transaction read = Transaction.parse(assigned().payload());
        assertThat(read.partitionKey()).isEqualTo("key");
        assertThat(read.streams())
                .containsExactly(new StreamKey("key", "a"), new StreamKey("key", "b"));
        assertThat(read.firstSequence()).isEqualTo(100);
        assertThat(read.lastSequence()).isEqualTo(102);
        Events events = read.events();
        List<Long> versions = new ArrayList<>();
        for (NewEvent expected : EVENTS) {
            assertThat(events.next()).isTrue();
            assertThat(events.id()).isEqualTo(expected.id());
            assertThat(events.stream()).isEqualTo(expected.stream());
            assertThat(events.type()).isEqualTo(expected.type());
            assertThat(events.contentType()).isEqualTo(expected.contentType());
            assertThat(events.createdMicros()).isEqualTo(expected.createdMicros());
            assertThat(events.schemaId()).isEqualTo(expected.schemaId());
            assertThat(events.tags()).isEqualTo(expected.tags());
            assertThat(events.metadata()).isEqualTo(expected.metadata());
            assertThat(events.data()).isEqualTo(expected.data());
            versions.add(events.version());
        }
        assertThat(events.next()).isFalse();
        assertThat(versions).containsExactly(4L, 0L, 5L);
    }

    /// What was encoded is never read back where it was encoded.
    @Test
    void knowsOfItselfWhatAReaderFinds() {
        SplittableRandom random = new SplittableRandom(2);
        for (int round = 0; round < 500; round++) {
            int names = 1 + random.nextInt(round % 2 == 0 ? 3 : 30);
            List<NewEvent> events = new ArrayList<>();
            for (int i = 1 + random.nextInt(60); i > 0; i--) {
                String stream = "stream-" + random.nextInt(names);
                String type = "type-" + random.nextInt(names);
                events.add(event(1 + random.nextInt(3), stream, type, List.of(), i * 7));
            }
            String key = random.nextBoolean() ? events.getFirst().stream() : "k" + round;
            Transaction made = Transaction.of(key, events);
            long[] versions = new long[made.streams().size()];
            for (int i = 0; i < versions.length; i++) {
                versions[i] = random.nextInt(1_000);
            }
            made.assign(random.nextInt(1_000), versions);
            Transaction read = Transaction.parse(ByteBuffer.wrap(bytes(made.payload())));
            assertThat(described(made)).isEqualTo(described(read));
            assertThat(made.sameContent(read)).isTrue();
        }
    }

    private static List<Object> described(Transaction transaction) {
        List<Object> all = new ArrayList<>();
        all.add(transaction.partitionKey());
        all.add(transaction.lastSequence());
        for (int i = 0; i < transaction.streams().size(); i++) {
            all.add(transaction.streams().get(i));
            all.add(transaction.eventCount(i));
            all.add(transaction.firstVersion(i));
        }
        Events events = transaction.events();
        while (events.next()) {
            all.add(events.id());
            all.add(events.stream() + " " + events.type() + " " + events.contentType());
            all.add(events.version());
            all.add(events.createdMicros());
            all.add(events.data());
        }
        return all;
    }

    /// What is stored today must be read for ever.
    @Test
    void hasTheBytesThatItAlwaysHad() {
        Transaction small =
                Transaction.of("s", List.of(event(9, "s", "T", List.of(new Tag("k", "v")), 2)));
        small.assign(1, new long[] {2});
        assertThat(HexFormat.of().formatHex(bytes(small.payload())))
                .isEqualTo(
                        "0000000000000001" // sequence
                                + "00060a24181e3ff7" // created
                                + "01"
                                + "0000000000000002"
                                + "01"
                                + "0173" // stream
                                + "00"
                                + "010154"
                                + "0100" // key, types, content types
                                + "01"
                                + "20" // events, length
                                + "00000000000000070000000000000009"
                                + "000000"
                                + "00"
                                + "09" // places, created, schema
                                + "01"
                                + "016b"
                                + "0176" // tags
                                + "027b7d"
                                + "020000"); // metadata, data
    }

    @Test
    void sameContentLeavesTimesAndPlacesOut() {
        Transaction other = Transaction.of("key", EVENTS);
        assertThat(assigned().sameContent(other)).isTrue();
        List<NewEvent> changed = new ArrayList<>(EVENTS);
        changed.set(2, event(3, "a", "Closed", List.of(), 6));
        assertThat(assigned().sameContent(Transaction.of("key", changed))).isFalse();
    }

    @Test
    void refusesAnyPrefix() {
        byte[] whole = bytes(assigned().payload());
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
            assertThatThrownBy(() -> Transaction.parse(cut))
                    .isInstanceOf(MalformedTransactionException.class);
        }
    }

    @Test
    void parsesOrRefusesChangedBytes() {
        byte[] whole = bytes(assigned().payload());
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] changed = whole.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                Transaction read = Transaction.parse(ByteBuffer.wrap(changed));
                Events events = read.events();
                while (events.next()) {
                    events.tags();
                }
            } catch (MalformedTransactionException e) {
                assertThat(e).hasMessageMatching(".+");
            }
        }
    }

    @Test
    void anEntryFindsEveryChangedBit() {
        Entry entry = Entry.of(new PartitionId(3), new LogPosition(8, 2), assigned());
        byte[] whole = bytes(entry.encoded());
        assertThat(Entry.decode(ByteBuffer.wrap(whole)).transaction().sameContent(assigned()))
                .isTrue();
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] changed = whole.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Entry.decode(ByteBuffer.wrap(changed)))
                    .isInstanceOf(MalformedTransactionException.class);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
