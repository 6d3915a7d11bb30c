package io.ridgeline.engine.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.storage.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentEntriesProperties {
    private static final long FIRST = 10;

    /// The slow and obvious one: everything ever added, and where what is kept begins.
    private final List<Entry> added = new ArrayList<>();

    private int kept;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreeWithAListOfAllThatWasAdded(long seed) {
        Random random = new Random(seed);
        long bytesMax = 200L + random.nextInt(20_000);
        RecentEntries recent = new RecentEntries(FIRST, bytesMax);
        for (int step = 0; step < 2_000; step++) {
            if (random.nextInt(50) == 0) {
                long index = FIRST - 1 + random.nextInt(added.size() + 1);
                recent.dropUpTo(index);
                kept = Math.max(kept, (int) (index - FIRST + 1));
            } else {
                Entry entry = Samples.entry(FIRST + added.size(), random.nextInt(100));
                added.add(entry);
                recent.add(entry);
                while (kept < added.size() - 1 && bytes(kept, added.size()) > bytesMax) {
                    kept++;
                }
            }
            agrees(recent, random);
        }
    }

    private void agrees(RecentEntries recent, Random random) {
        assertThat(recent.firstIndex()).isEqualTo(FIRST + kept);
        if (kept == added.size()) {
            return;
        }
        int from = kept + random.nextInt(added.size() - kept);
        int limit = 1 + random.nextInt(20);
        long bytesLimit = random.nextInt(1_000);
        List<Entry> expected = new ArrayList<>();
        for (int i = from; i < added.size(); i++) {
            if (i > from && (expected.size() == limit || bytes(from, i + 1) > bytesLimit)) {
                break;
            }
            expected.add(added.get(i));
        }
        assertThat(recent.from(FIRST + from, bytesLimit, limit)).isEqualTo(expected);
        int after = kept - 1 + random.nextInt(added.size() - kept + 1);
        int last = after + random.nextInt(added.size() - after);
        assertThat(recent.bytesBetween(FIRST + after, FIRST + last))
                .as("bytes behind %d up to %d, kept from %d", after, last, kept)
                .isEqualTo(bytes(after + 1, last + 1));
    }

    private long bytes(int from, int end) {
        return added.subList(from, end).stream().mapToLong(Entry::lengthBytes).sum();
    }

    @Test
    void keepTheNewestHoweverLargeItIs() {
        RecentEntries recent = new RecentEntries(1, 10);

        recent.add(Samples.entry(1, 1_000));
        recent.add(Samples.entry(2, 1_000));

        assertThat(recent.firstIndex()).isEqualTo(2);
        assertThat(recent.from(2, 1, 1)).hasSize(1);
    }

    @Test
    void knowNoBytesOfWhatIsOlderOrNotYetThere() {
        RecentEntries recent = new RecentEntries(5, 1_000);
        assertThat(recent.bytesBetween(1, 9)).isZero();

        recent.add(Samples.entry(5, 8));
        recent.add(Samples.entry(6, 8));
        recent.dropUpTo(5);

        int one = Samples.entry(6, 8).lengthBytes();
        assertThat(recent.bytesBetween(1, 9)).isEqualTo(one);
        assertThat(recent.bytesBetween(5, 6)).isEqualTo(one);
        assertThat(recent.bytesBetween(6, 6)).isZero();
    }
}
