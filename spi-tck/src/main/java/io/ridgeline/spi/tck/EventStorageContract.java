package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.storage.StorageException.Kind;
import io.ridgeline.spi.storage.VerificationReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The contract of [io.ridgeline.spi.storage.EventStorage] and what belongs to it. A plugin's test
/// extends this class, names its provider and says how to damage and empty its data.
public abstract non-sealed class EventStorageContract extends StorageReadContract {

    /// For the plugin's test.
    protected EventStorageContract() {}

    /// Damages what is stored of one entry, which is confirmed, and after which others were written
    /// or there was nothing more to do. The storage is closed.
    ///
    /// @param entry as it was encoded
    protected abstract void damage(Path dataFolder, ByteBuffer entry) throws Exception;

    /// Removes all that is stored. The storage is closed.
    protected abstract void empty(Path dataFolder) throws Exception;

    @Nested
    class AKilledProcess {
        @Test
        void leavesAllThatItSaidWasDurable() throws Exception {
            storage.close();
            for (int round = 0; round < 3; round++) {
                long durable = runAndKill();
                VerificationReport report = provider().verify(context());
                assertThat(report.problems()).isEmpty();
                open();
                assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
                assertThat(log.state().last().index()).isGreaterThanOrEqualTo(durable);
                assertThat(log.state().durable()).isEqualTo(log.state().last());
                long next = 0;
                for (Entry entry : all()) {
                    assertThat(entry.transaction().firstSequence()).isEqualTo(next);
                    next = entry.transaction().lastSequence() + 1;
                }
                assertThat(log.state().nextSequence()).isEqualTo(next);
                storage.close();
            }
        }

        private long runAndKill() throws Exception {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx128m",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    KilledWriter.class.getName(),
                                    provider().getClass().getName(),
                                    data.toString(),
                                    settings().toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            long durable = 0;
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                long first = -1;
                String line = lines.readLine();
                while (line != null) {
                    durable = Long.parseLong(line);
                    first = first < 0 ? durable : first;
                    if (durable >= first + 400) {
                        process.toHandle().destroyForcibly();
                    }
                    line = lines.readLine();
                }
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(durable).isPositive();
            return durable;
        }
    }

    @Nested
    class StorageIds {
        @Test
        void areKeptAndMadeAnewForAnEmptiedDisk() throws Exception {
            UUID before = log.state().storageId();
            append("s");
            bucket.sync();
            reopen();
            assertThat(log.state().storageId()).isEqualTo(before);
            storage.close();
            empty(data);
            open();
            assertThat(log.state().storageId()).isNotEqualTo(before);
            assertThat(log.state().last()).isEqualTo(LogPosition.NONE);
        }
    }

    @Nested
    class DamageIsFound {
        @Test
        void evenOfTheNewestEntryOnceThereIsNothingMoreToDo(@TempDir Path killed) throws Exception {
            append("s");
            Entry newest = append("s");
            bucket.sync();
            confirmAll();
            maintain();
            // What a process that is killed now leaves.
            copy(data, killed);
            storage.close();
            data = killed;
            damage(data, newest.encoded());
            assertThat(provider().verify(context()).problems()).isNotEmpty();
            open();
            // Damaged, or blank: what ended there may have been more.
            assertThat(log.state().condition()).isNotEqualTo(new Condition.Clean());
        }

        private static void copy(Path from, Path to) throws IOException {
            List<Path> all;
            try (Stream<Path> paths = Files.walk(from)) {
                all = paths.filter(path -> !path.equals(from)).toList();
            }
            for (Path each : all) {
                Files.copy(each, to.resolve(from.relativize(each)));
            }
        }

        @Test
        void andNeverServed() throws Exception {
            Entry damaged = null;
            for (int i = 0; i < 3000; i++) {
                Entry entry = append("s" + i % 10);
                damaged = i == 1000 ? entry : damaged;
                if (i % 50 == 49) {
                    bucket.sync();
                    confirmAll();
                    maintain();
                }
            }
            storage.close();
            if (damaged == null) {
                throw new AssertionError();
            }
            Entry lost = damaged;
            assertThat(provider().verify(context()).problems()).isEmpty();
            damage(data, lost.encoded());
            assertThat(provider().verify(context()).problems()).isNotEmpty();
            open();
            long index = lost.index();
            assertThat(thrown(() -> log.reader().entries(index, index, 1))).isEqualTo(Kind.DAMAGED);
            assertThat(thrown(() -> log.find("s0", Samples.id(1000)))).isEqualTo(Kind.DAMAGED);
            assertThat(log.reader().entries(1, 1000, 1 << 30)).hasSize(1000);
            assertThat(log.reader().entries(1002, 3000, 1 << 30)).hasSize(1999);
            Condition.IndexRange range = new Condition.IndexRange(index, index);
            assertThat(log.state().condition()).isEqualTo(new Condition.Damaged(List.of(range)));

            Entry other =
                    Entry.of(P, lost.position(), EntryKind.EPOCH_START, ByteBuffer.allocate(3));
            assertThat(log.repair(other)).isFalse();
            assertThat(log.repair(all(1, 1))).isFalse();
            assertThat(log.repair(lost)).isTrue();
            assertThat(log.repair(lost)).isFalse();
            bucket.sync();
            assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
            assertThat(log.find("s0", Samples.id(1000))).isPresent();
            reopen();
            assertThat(log.reader().entries(1, 3000, 1 << 30)).hasSize(3000);
        }

        private Entry all(long first, long last) {
            return log.reader().entries(first, last, 1).getFirst();
        }
    }

    @Nested
    class Limits {
        @Test
        void refuseWhatIsTooLargeAndNothingElse() {
            append("s");
            Entry huge =
                    Entry.of(
                            P,
                            new LogPosition(2, 1),
                            EntryKind.EPOCH_START,
                            ByteBuffer.allocate(200 << 20));
            assertThat(thrown(() -> log.append(huge))).isEqualTo(Kind.TOO_LARGE);
            assertThat(thrown(() -> storage.write("big", ByteBuffer.allocate((1 << 20) + 1))))
                    .isEqualTo(Kind.TOO_LARGE);
            append("s");
            bucket.sync();
            assertThat(log.state().last().index()).isEqualTo(2);
        }

        @Test
        void leaveRoomForALargeTransaction() {
            Entry large =
                    Samples.next(
                            log, P, 1, "s", List.of(Samples.event(Samples.id(1), "s", 5 << 20)));
            log.append(large);
            bucket.sync();
            reopen();
            assertThat(Samples.bytes(all())).containsExactly(large.encoded());
        }

        @Test
        void sayHowMuchClientsMayWrite() {
            assertThat(bucket.clientBytesFree()).isPositive();
        }
    }

    @Nested
    class UseAfterClose {
        @Test
        void isRefused() {
            append("s");
            bucket.sync();
            storage.close();
            storage.close();
            bucket.close();
            assertThat(thrown(() -> append("s"))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> log.truncateAfter(0))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> log.saveHardState(PROMISE))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(log::format)).isEqualTo(Kind.CLOSED);
            assertThat(thrown(bucket::sync)).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> bucket.open(Q))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> storage.bucket(1))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> storage.read("x"))).isEqualTo(Kind.CLOSED);
            assertThat(thrown(() -> storage.write("x", ByteBuffer.allocate(1))))
                    .isEqualTo(Kind.CLOSED);
        }
    }

    @Nested
    class ASecondUser {
        @Test
        void isRefused() {
            assertThat(thrown(() -> provider().create(context()))).isEqualTo(Kind.IN_USE);
            assertThat(thrown(() -> provider().verify(context()))).isEqualTo(Kind.IN_USE);
            append("s");
            bucket.sync();
        }
    }

    @Nested
    class SmallValues {
        @Test
        void areReplacedAsAWhole() {
            assertThat(storage.read("slots")).isEmpty();
            storage.write("slots", ByteBuffer.wrap(new byte[] {1, 2, 3}));
            storage.write("run", ByteBuffer.wrap(new byte[] {9}));
            storage.write("slots", ByteBuffer.wrap(new byte[] {4, 5}));
            assertThat(storage.read("slots")).contains(ByteBuffer.wrap(new byte[] {4, 5}));
            reopen();
            assertThat(storage.read("slots")).contains(ByteBuffer.wrap(new byte[] {4, 5}));
            assertThat(storage.read("run")).contains(ByteBuffer.wrap(new byte[] {9}));
        }

        @Test
        void haveProperNames() {
            for (String name : List.of("", "A", "a/b", "..", "a b")) {
                assertThatThrownBy(() -> storage.read(name))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.write(name, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Nested
    class Verification {
        @Test
        void countsWhatIsThere() {
            for (int i = 0; i < 40; i++) {
                Samples.append(log, P, 1, "s", 3);
            }
            bucket.open(Q);
            bucket.sync();
            storage.close();
            VerificationReport report = provider().verify(context());
            assertThat(report.problems()).isEmpty();
            assertThat(report.buckets()).isEqualTo(1);
            assertThat(report.partitions()).isEqualTo(2);
            assertThat(report.entries()).isEqualTo(40);
            assertThat(report.events()).isEqualTo(120);
        }

        @Test
        void isRefusedWhereThereIsNothing() {
            storage.close();
            Path missing = data.resolve("missing");
            data = missing;
            assertThatThrownBy(() -> provider().verify(context()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(missing.toString());
            assertThat(missing).doesNotExist();
        }
    }

    private static Kind thrown(ThrowingCallable call) {
        StorageException thrown = catchThrowableOfType(StorageException.class, call);
        assertThat(thrown).isNotNull();
        return thrown.kind();
    }
}
