package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.LogReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What readers may rely on: every key, both directions, bounds, while the writer appends.
public abstract sealed class StorageReadContract extends StorageLogContract
        permits EventStorageContract {
    private static final int MANY = 3000;
    private static final StreamKey S = new StreamKey("s", "s");

    StorageReadContract() {}

    /// Entries of one event each, on streams `s0` to `s9` in turn, with an epoch start after each
    /// hundred; synced, confirmed and maintained as they come.
    private List<Entry> fill() {
        List<Entry> appended = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            if (i % 100 == 0) {
                appended.add(Samples.append(log, P, 1 + i / 100, EntryKind.EPOCH_START, "e" + i));
            }
            appended.add(Samples.append(log, P, 1 + i / 100, "s" + i % 10, 1));
            if (i % 50 == 49) {
                bucket.sync();
                confirmAll();
                maintain();
            }
        }
        return appended;
    }

    private static List<Entry> events(List<Entry> entries) {
        return entries.stream().filter(entry -> entry.kind() == EntryKind.TRANSACTION).toList();
    }

    private List<Entry> pages(Direction direction, long from, long lastIndex) {
        List<Entry> found = new ArrayList<>();
        long next = from;
        while (true) {
            List<Entry> page = log.reader().transactions(next, direction, lastIndex, 2000);
            if (page.isEmpty()) {
                return found;
            }
            found.addAll(page);
            next =
                    direction == Direction.FORWARD
                            ? page.getLast().transaction().lastSequence() + 1
                            : page.getLast().transaction().firstSequence() - 1;
        }
    }

    private List<Entry> streamPages(StreamKey stream, Direction direction, long from) {
        List<Entry> found = new ArrayList<>();
        long next = from;
        while (true) {
            List<Entry> page = log.reader().stream(stream, next, direction, Long.MAX_VALUE, 2000);
            if (page.isEmpty()) {
                return found;
            }
            found.addAll(page);
            Transaction last = page.getLast().transaction();
            int place = last.streams().indexOf(stream);
            next =
                    direction == Direction.FORWARD
                            ? last.firstVersion(place) + last.eventCount(place)
                            : last.firstVersion(place) - 1;
        }
    }

    @Nested
    class Reads {
        @Test
        void findEverythingByEveryKey() {
            List<Entry> appended = fill();
            check(appended);
            reopen();
            check(appended);
        }

        private void check(List<Entry> appended) {
            assertThat(Samples.bytes(all())).isEqualTo(Samples.bytes(appended));
            List<Entry> events = events(appended);
            assertThat(Samples.bytes(pages(Direction.FORWARD, 0, Long.MAX_VALUE)))
                    .isEqualTo(Samples.bytes(events));
            List<Entry> reversed = new ArrayList<>(events);
            Collections.reverse(reversed);
            assertThat(Samples.bytes(pages(Direction.BACKWARD, Long.MAX_VALUE, Long.MAX_VALUE)))
                    .isEqualTo(Samples.bytes(reversed));
            for (int s = 0; s < 10; s++) {
                StreamKey stream = new StreamKey("s" + s, "s" + s);
                List<Entry> ofStream =
                        events.stream()
                                .filter(entry -> entry.transaction().streams().contains(stream))
                                .toList();
                assertThat(Samples.bytes(streamPages(stream, Direction.FORWARD, 0)))
                        .isEqualTo(Samples.bytes(ofStream));
                List<Entry> back = new ArrayList<>(ofStream);
                Collections.reverse(back);
                assertThat(Samples.bytes(streamPages(stream, Direction.BACKWARD, Long.MAX_VALUE)))
                        .isEqualTo(Samples.bytes(back));
                assertThat(log.lastVersion(stream)).isEqualTo(ofStream.size() - 1);
            }
            for (int i = 0; i < MANY; i += 7) {
                String key = "s" + i % 10;
                Optional<EventLocation> found = log.find(key, Samples.id(i));
                assertThat(found).isPresent();
                assertThat(found.get().entry().transaction().firstSequence()).isEqualTo(i);
                assertThat(log.reader().event(Samples.id(i), Long.MAX_VALUE)).isPresent();
                assertThat(log.find("another", Samples.id(i))).isEmpty();
                assertThat(log.find(key, Samples.id(MANY + i))).isEmpty();
                long index = found.get().entry().index();
                assertThat(log.epochAt(index)).isEqualTo(1 + i / 100);
                assertThat(log.reader().event(key, Samples.id(i), index)).isPresent();
                assertThat(log.reader().event(key, Samples.id(i), index - 1)).isEmpty();
            }
            assertThat(log.find("s0", Samples.id(MANY))).isEmpty();
        }

        @Test
        void beginWhereTheyAreAskedTo() {
            for (int i = 0; i < 20; i++) {
                Samples.append(log, P, 1, "s", 3);
            }
            LogReader reader = log.reader();
            assertThat(first(reader.transactions(31, Direction.FORWARD, 20, 1))).isEqualTo(30);
            assertThat(first(reader.transactions(31, Direction.BACKWARD, 20, 1))).isEqualTo(30);
            assertThat(reader.transactions(60, Direction.FORWARD, 20, 1)).isEmpty();
            assertThat(first(reader.transactions(90, Direction.BACKWARD, 20, 1))).isEqualTo(57);
            assertThat(reader.transactions(-1, Direction.BACKWARD, 20, 1)).isEmpty();
            assertThat(first(reader.stream(S, 31, Direction.FORWARD, 20, 1))).isEqualTo(30);
            assertThat(first(reader.stream(S, 31, Direction.BACKWARD, 20, 1))).isEqualTo(30);
            assertThat(reader.stream(S, 60, Direction.FORWARD, 20, 1)).isEmpty();
            assertThat(first(reader.stream(S, 90, Direction.BACKWARD, 20, 1))).isEqualTo(57);
            assertThat(reader.stream(S, -1, Direction.BACKWARD, 20, 1)).isEmpty();
        }

        private static long first(List<Entry> entries) {
            assertThat(entries).hasSize(1);
            return entries.getFirst().transaction().firstSequence();
        }

        @Test
        void keepToTheBound() {
            for (int i = 0; i < 20; i++) {
                append("s");
            }
            LogReader reader = log.reader();
            int most = Integer.MAX_VALUE;
            assertThat(reader.entries(1, 12, most)).hasSize(12);
            assertThat(reader.entries(13, 12, most)).isEmpty();
            assertThat(reader.transactions(0, Direction.FORWARD, 12, most)).hasSize(12);
            assertThat(reader.transactions(19, Direction.BACKWARD, 12, most)).hasSize(12);
            assertThat(reader.stream(S, 0, Direction.FORWARD, 12, most)).hasSize(12);
            assertThat(reader.stream(S, 15, Direction.FORWARD, 12, most)).isEmpty();
            assertThat(reader.stream(S, 19, Direction.BACKWARD, 12, most)).hasSize(12);
            int two = reader.entries(1, 1, 1).getFirst().lengthBytes() * 2;
            assertThat(reader.entries(1, 20, two)).hasSize(2);
            assertThat(reader.entries(1, 20, 0)).hasSize(1);
        }

        @Test
        void tellStreamsAndIdsApartByPartitionKey() {
            List<NewEvent> events =
                    List.of(
                            Samples.event(Samples.id(1), "a", 5),
                            Samples.event(Samples.id(2), "b", 5));
            log.append(Samples.next(log, P, 1, "k1", events));
            log.append(Samples.next(log, P, 1, "k2", events));
            log.append(
                    Samples.next(log, P, 1, "k1", List.of(Samples.event(Samples.id(3), "b", 5))));
            assertThat(log.lastVersion(new StreamKey("k1", "b"))).isEqualTo(1);
            assertThat(log.lastVersion(new StreamKey("k2", "b"))).isZero();
            assertThat(log.lastVersion(new StreamKey("b", "b"))).isEqualTo(-1);
            EventLocation found = log.find("k2", Samples.id(2)).orElseThrow();
            assertThat(found.entry().index()).isEqualTo(2);
            assertThat(found.place()).isEqualTo(1);
            assertThat(log.find("k2", Samples.id(3))).isEmpty();
        }

        @Test
        void findTheConfigurationOfAnIndex() {
            Samples.append(log, P, 1, EntryKind.CONFIGURATION, "first");
            append("s");
            Samples.append(log, P, 1, EntryKind.CONFIGURATION, "second");
            append("s");
            assertThat(log.configuration(2).orElseThrow().index()).isEqualTo(1);
            assertThat(log.configuration(9).orElseThrow().index()).isEqualTo(3);
            fill();
            assertThat(log.configuration(Long.MAX_VALUE).orElseThrow().index()).isEqualTo(3);
            reopen();
            assertThat(log.configuration(2).orElseThrow().index()).isEqualTo(1);
            assertThat(log.configuration(Long.MAX_VALUE).orElseThrow().index()).isEqualTo(3);
        }
    }

    @Nested
    class ConcurrentReaders {
        @Test
        void seeAPrefixWithoutGapsWhileTheWriterAppends() throws Exception {
            AtomicLong confirmed = new AtomicLong();
            AtomicBoolean done = new AtomicBoolean();
            try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
                Future<Long> inOrder = readers.submit(() -> follow(confirmed, done));
                Future<Long> byStream = readers.submit(() -> followStream(confirmed, done));
                Future<Long> byId = readers.submit(() -> findIds(confirmed, done));
                try {
                    for (int i = 0; i < 2 * MANY; i++) {
                        Samples.append(log, P, 1, "s" + i % 10, 1);
                        if (i % 20 == 19) {
                            bucket.sync();
                            confirmAll();
                            confirmed.set(log.state().watermark().index());
                            bucket.maintain();
                        }
                    }
                } finally {
                    done.set(true);
                }
                assertThat(inOrder.get(60, TimeUnit.SECONDS)).isEqualTo(2L * MANY);
                assertThat(byStream.get(60, TimeUnit.SECONDS)).isEqualTo(2L * MANY / 10);
                assertThat(byId.get(60, TimeUnit.SECONDS)).isPositive();
            }
        }

        private long follow(AtomicLong confirmed, AtomicBoolean done) {
            long next = 0;
            while (true) {
                boolean last = done.get();
                List<Entry> page =
                        log.reader().transactions(next, Direction.FORWARD, confirmed.get(), 10_000);
                for (Entry entry : page) {
                    assertThat(entry.transaction().firstSequence()).isEqualTo(next++);
                }
                if (last && page.isEmpty()) {
                    return next;
                }
            }
        }

        private long followStream(AtomicLong confirmed, AtomicBoolean done) {
            StreamKey stream = new StreamKey("s3", "s3");
            long next = 0;
            while (true) {
                boolean last = done.get();
                List<Entry> page =
                        log.reader().stream(
                                stream, next, Direction.FORWARD, confirmed.get(), 10_000);
                for (Entry entry : page) {
                    assertThat(entry.transaction().firstVersion(0)).isEqualTo(next++);
                }
                if (last && page.isEmpty()) {
                    return next;
                }
            }
        }

        private long findIds(AtomicLong confirmed, AtomicBoolean done) {
            long found = 0;
            long next = 0;
            while (!done.get() || found == 0) {
                long bound = confirmed.get();
                if (bound > 0) {
                    next = (next + 31) % bound;
                    EventLocation location =
                            log.reader()
                                    .event("s" + next % 10, Samples.id(next), bound)
                                    .orElseThrow();
                    assertThat(location.entry().index()).isEqualTo(next + 1);
                    assertThat(log.reader().event(Samples.id(next), bound)).isPresent();
                    found++;
                }
            }
            return found;
        }
    }
}
