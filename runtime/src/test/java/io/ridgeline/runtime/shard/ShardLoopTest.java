package io.ridgeline.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ridgeline.engine.Shard;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which thread runs a turn. The shard has no partitions; what is handed over writes by itself.
class ShardLoopTest {
    private static final int SMALL = 500;
    private static final int LARGE = 20_000;

    private final RecordingLog log = new RecordingLog();
    private final ShardLoop loop = QuietLoop.of(new TreeMap<>(), log);

    @BeforeEach
    void start() {
        loop.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        QuietLoop.stop(loop);
    }

    /// Hands over what writes, waits until it is written and the owner sleeps.
    ///
    /// @return whether the calling thread wrote it
    private boolean write(int appends, int bytes) {
        int before = log.syncs.size();
        loop.submitOrRun(new Writing(log, appends, bytes));
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> log.syncs.size() > before);
        awaitSleep();
        return log.syncs.getLast() == Thread.currentThread();
    }

    private void awaitSleep() {
        await().pollDelay(Duration.ofMillis(1))
                .until(() ->
                        Thread.getAllStackTraces().keySet().stream()
                                .filter(each -> each.getName().equals("ridgeline-bucket-0"))
                                .allMatch(each -> each.getState() == Thread.State.TIMED_WAITING));
    }

    private void fourLoneAppends() {
        for (int i = 0; i < 4; i++) {
            assertThat(write(1, SMALL)).isFalse();
        }
    }

    /// A caller who is paused in his sync has seen a slow disk, and his next is the owner's.
    private void assertDoneByCaller(int appends, int bytes) {
        await().pollDelay(Duration.ZERO).until(() -> write(appends, bytes));
    }

    @Test
    void whoComesAloneDoesHisAppendHimself() {
        fourLoneAppends();

        assertDoneByCaller(1, SMALL);
        assertDoneByCaller(1, LARGE);
    }

    @Test
    void aSmallMessageOfAPeerIsDoneByItsThread() {
        fourLoneAppends();

        assertDoneByCaller(0, SMALL);
        assertThat(write(0, LARGE)).as("many appends in one message").isFalse();
        assertThat(write(0, SMALL)).as("no longer alone").isFalse();
    }

    @Test
    void aFollowerLearnsFromItsMessagesThatAppendsComeAlone() {
        for (int i = 0; i < 4; i++) {
            assertThat(write(0, SMALL)).isFalse();
        }

        assertDoneByCaller(0, SMALL);
    }

    @Test
    void manyAppendsAreTheOwnersUntilTheyComeAloneAgain() {
        fourLoneAppends();

        assertThat(write(2, SMALL)).isFalse();
        fourLoneAppends();
        assertDoneByCaller(1, SMALL);
    }

    @Test
    void aSlowDiskIsTheOwners() {
        fourLoneAppends();
        log.syncMillis = 20;
        write(1, SMALL);

        assertThat(write(1, SMALL)).isFalse();
    }

    /// It may be a stop, and the owner would sleep on.
    @Test
    void whatHasNoSizeIsTheOwnersThoughAGuestIsThere() {
        fourLoneAppends();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        log.duringSync = () -> loop.submit((_, _) -> threads.add(Thread.currentThread()));

        assertDoneByCaller(1, SMALL);
        assertThat(threads).isNotEmpty().doesNotContain(Thread.currentThread());
    }

    @Test
    void maintenanceIsDoneWhileThereIsMoreOfItThoughNothingIsWritten() {
        write(1, SMALL);

        await().until(() -> log.maintained == 3);
    }

    /// A shard has no lock: who runs a turn must have it alone, whoever else comes.
    @Test
    void oneAtATimeRunsATurn() throws InterruptedException {
        fourLoneAppends();
        int threads = 4;
        int each = 500;
        List<Thread> callers =
                IntStream.range(0, threads)
                        .mapToObj(i ->
                                Thread.ofPlatform()
                                        .start(() -> {
                                            for (int n = 0; n < each; n++) {
                                                loop.submitOrRun(new Writing(log, i % 2, SMALL));
                                            }
                                        }))
                        .toList();
        for (Thread thread : callers) {
            thread.join();
        }

        await().until(() -> log.written == log.done && log.done == 4 + threads * each);
        assertThat(log.overlaps).isZero();
    }

    private record Writing(RecordingLog log, int appends, int bytes) implements ShardInput {
        @Override
        public void apply(Shard shard, long nowNanos) {
            log.write();
        }
    }

    /// Notes which thread syncs. Nothing in it is synchronized: that is what the loop promises.
    private static final class RecordingLog extends QuietLoop.NoLog {
        final List<Thread> syncs = new CopyOnWriteArrayList<>();
        volatile int syncMillis;
        volatile Runnable duringSync = () -> {};
        volatile int written;
        volatile int done;
        volatile int overlaps;
        volatile int maintained;
        private volatile boolean busy;

        @SuppressWarnings("NonAtomicVolatileUpdate") // by the holder only
        void write() {
            enter();
            written++;
            busy = false;
        }

        private void enter() {
            if (busy) {
                overlaps = 1;
            }
            busy = true;
        }

        @Override
        public boolean isDirty() {
            return written > done;
        }

        @Override
        public void sync() {
            enter();
            duringSync.run();
            try {
                Thread.sleep(syncMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            done = written;
            busy = false;
            syncs.add(Thread.currentThread());
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // by the owner only
        public boolean maintain() {
            maintained++;
            return maintained < 3;
        }
    }
}
