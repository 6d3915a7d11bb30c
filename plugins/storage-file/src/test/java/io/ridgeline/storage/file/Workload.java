package io.ridgeline.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.storage.VerificationReport;
import io.ridgeline.spi.tck.Samples;
import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.disk.SimulatedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/// Random operations on a bucket over a simulated disk, and a slow and obvious model of what must
/// be there. One seed is one story.
final class Workload {
    private static final StorageOptions TINY = new StorageOptions(64 << 10, 2048, 3, 40);

    /// What a partition held at one moment.
    private record Moment(List<Entry> entries, HardState hardState, UUID storageId) {}

    private static final class Model {
        final List<Entry> entries = new ArrayList<>();
        HardState hardState = HardState.initial(new NodeId("a"));
        UUID storageId;
        long watermark;

        /// Rises with each cut: an index and an epoch name one entry for ever.
        long epoch = 1;

        final Map<UUID, Long> confirmed = new HashMap<>();

        /// The last one that was durable, and each one since.
        final List<Moment> moments = new ArrayList<>();

        Model(UUID storageId) {
            this.storageId = storageId;
        }

        void note() {
            moments.add(new Moment(List.copyOf(entries), hardState, storageId));
        }
    }

    final SimulatedDisk disk;
    private final StorageOptions options;
    private final SplittableRandom random;
    private final TreeMap<PartitionId, Model> models = new TreeMap<>();
    private FileStorage storage;
    private LogBucket bucket;
    private long nextId;
    private long starts;
    private long epoch = 1;
    private boolean hasFailed;
    private boolean hasDamage;
    private boolean wasInterrupted;
    private int payloadMax = 60;

    Workload(long seed) {
        this(seed, -1, SimulatedDisk.Fault.ERROR);
    }

    /// A story that a fault ends at an operation of the disk.
    Workload(long seed, long stop, SimulatedDisk.Fault fault) {
        this(seed, stop, fault, TINY.segmentBytes());
    }

    /// A story in segments that are so large.
    static Workload inSegments(long seed, int segmentBytes) {
        return new Workload(seed, -1, SimulatedDisk.Fault.ERROR, segmentBytes);
    }

    private Workload(long seed, long stop, SimulatedDisk.Fault fault, int segmentBytes) {
        options =
                new StorageOptions(
                        segmentBytes, TINY.cacheBytes(), TINY.headsMax(), TINY.indexEvents());
        random = new SplittableRandom(seed);
        disk = new SimulatedDisk(random.split());
        disk.failAt(stop, fault);
        storage = open();
        bucket = storage.bucket(0);
    }

    /// Lets transactions be so large that segments are short.
    Workload withLargeEvents() {
        payloadMax = 6000;
        return this;
    }

    private FileStorage open() {
        SplittableRandom ids = random.split();
        return FileStorage.open(
                disk, options, new NodeId("a"), () -> new UUID(ids.nextLong(), ids.nextLong()));
    }

    /// Does operations until a fault ends the process or the number is reached.
    ///
    /// @return whether the process is still there
    boolean run(int operations) {
        try {
            for (int i = 0; i < operations; i++) {
                operation();
            }
            return true;
        } catch (SimulatedDisk.Gone gone) {
            return false;
        }
    }

    private void operation() {
        try {
            step();
        } catch (StorageException e) {
            switch (e.kind()) {
                case FULL -> {
                    // Nothing happened.
                }
                case FAILED, CLOSED -> {
                    assertThat(e.kind() == StorageException.Kind.FAILED || hasFailed).isTrue();
                    hasFailed = true;
                    // The node is restarted: any use of the disk says that the process is gone.
                    disk.kill();
                    disk.usableBytes();
                }
                default -> throw e;
            }
        }
    }

    private void step() {
        PartitionId partition = new PartitionId(random.nextInt(3));
        PartitionLog log = bucket.open(partition);
        Model model = models.get(partition);
        if (model == null) {
            model = new Model(log.state().storageId());
            model.moments.add(absent());
            models.put(partition, model);
            model.note();
        }
        switch (random.nextInt(22)) {
            case 0, 1, 2, 3, 4, 5, 6 -> append(log, partition, model);
            case 7 -> {
                append(log, model, epochStart(log, partition, ++model.epoch));
            }
            case 8 -> hardState(log, model);
            case 9 -> truncate(log, model);
            case 10, 11, 12, 13 -> sync();
            case 14, 15 -> confirm(log, model);
            case 16, 17 -> bucket.maintain();
            case 18 -> {
                disk.advance(300_000_000);
                assertThat(bucket.clientBytesFree()).isNotNegative();
            }
            case 19 -> reads(log, model);
            case 20 -> {
                if (random.nextInt(10) == 0) {
                    log.format();
                    model.entries.clear();
                    model.hardState = HardState.initial(new NodeId("a"));
                    model.storageId = log.state().storageId();
                    model.watermark = 0;
                    model.epoch++;
                    model.note();
                }
            }
            default -> {
                if (random.nextInt(6) == 0) {
                    storage.close();
                    check(false);
                }
            }
        }
    }

    private static Moment absent() {
        return new Moment(List.of(), HardState.initial(new NodeId("a")), new UUID(0, 0));
    }

    private static Entry epochStart(PartitionLog log, PartitionId partition, long epoch) {
        return Entry.of(
                partition,
                new LogPosition(log.state().last().index() + 1, epoch),
                EntryKind.EPOCH_START,
                ByteBuffer.allocate(9));
    }

    private void append(PartitionLog log, PartitionId partition, Model model) {
        append(log, model, transaction(log, partition, model));
    }

    private Entry transaction(PartitionLog log, PartitionId partition, Model model) {
        String key = "k" + random.nextInt(4);
        List<NewEvent> events = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String stream = random.nextBoolean() ? key : "s" + random.nextInt(3);
            events.add(Samples.event(Samples.id(nextId++), stream, random.nextInt(payloadMax)));
        }
        return Samples.next(log, partition, model.epoch, key, events);
    }

    private static void append(PartitionLog log, Model model, Entry entry) {
        log.append(entry);
        model.entries.add(entry);
        model.note();
    }

    /// Does what a node does when it starts: on a full disk, too.
    void start() {
        ByteBuffer startedAt = ByteBuffer.allocate(Long.BYTES).putLong(0, ++starts);
        storage.write("highest-start", startedAt);
        models.forEach((partition, model) -> hardState(bucket.open(partition), model));
        sync();
        models.forEach((partition, model) -> {
            PartitionLog log = bucket.open(partition);
            append(log, model, epochStart(log, partition, ++model.epoch));
        });
        sync();
        assertThat(storage.read("highest-start")).contains(startedAt);
    }

    /// Appends transactions of a client until there is no space.
    ///
    /// @return how many there were
    int fill() {
        int count = 0;
        while (offer()) {
            count++;
            if (random.nextInt(3) == 0) {
                sync();
            }
            bucket.maintain();
            disk.advance(400_000_000);
        }
        sync();
        return count;
    }

    /// {@return whether there was space for a client's transaction}
    boolean offer() {
        PartitionId partition = List.copyOf(models.keySet()).get(random.nextInt(models.size()));
        PartitionLog log = bucket.open(partition);
        Model model = known(partition);
        long free = bucket.clientBytesFree();
        Entry entry = transaction(log, partition, model);
        try {
            append(log, model, entry);
            return true;
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(StorageException.Kind.FULL);
            assertThat(free).as("said to be free").isLessThan(entry.lengthBytes());
            return false;
        }
    }

    private void hardState(PartitionLog log, Model model) {
        HardState next = new HardState(++epoch, new Run(new NodeId("b"), epoch), 0);
        log.saveHardState(next);
        model.hardState = next;
        model.note();
    }

    private void truncate(PartitionLog log, Model model) {
        int size = model.entries.size();
        long kept = model.watermark + random.nextInt((int) (size - model.watermark) + 1);
        log.truncateAfter(kept);
        model.epoch++;
        model.entries.subList((int) kept, size).clear();
        model.note();
    }

    private void confirm(PartitionLog log, Model model) {
        long durable = log.state().durable().index();
        if (durable > model.watermark) {
            long index = model.watermark + 1 + random.nextLong(durable - model.watermark);
            log.confirm(model.entries.get((int) index - 1).position());
            model.watermark = index;
            model.confirmed.merge(model.storageId, index, Math::max);
        }
    }

    private void sync() {
        bucket.sync();
        for (Model model : models.values()) {
            Moment last = model.moments.getLast();
            model.moments.clear();
            model.moments.add(last);
        }
    }

    /// Opens the storage after the process ended, whatever the reason, and compares it with the
    /// model.
    ///
    /// @param damagedNow whether bits were flipped on purpose
    void check(boolean damagedNow) {
        hasDamage |= damagedNow;
        boolean isDamaged = hasDamage;
        boolean isOpen = false;
        wasInterrupted = false;
        while (!isOpen) {
            disk.restart();
            if (!isDamaged && !hasFailed) {
                VerificationReport report = FileStorage.verify(disk);
                assertThat(report.problems()).isEmpty();
            }
            if (random.nextInt(3) == 0) {
                disk.failAt(
                        disk.operations() + random.nextInt(30),
                        random.nextBoolean()
                                ? SimulatedDisk.Fault.POWER_LOSS
                                : SimulatedDisk.Fault.KILL);
            }
            try {
                storage = open();
                bucket = storage.bucket(0);
                isOpen = true;
            } catch (SimulatedDisk.Gone gone) {
                // Recovery itself was interrupted.
                wasInterrupted = true;
            }
        }
        disk.failAt(-1, SimulatedDisk.Fault.ERROR);
        for (PartitionId partition : List.copyOf(models.keySet())) {
            compare(partition, damagedNow);
        }
        assertThat(models.keySet()).containsAll(bucket.partitions());
        hasFailed = false;
    }

    private void compare(PartitionId partition, boolean damagedNow) {
        Model model = known(partition);
        if (!bucket.partitions().contains(partition)) {
            assertThat(model.moments).contains(absent());
            models.remove(partition);
            return;
        }
        PartitionLog log = bucket.open(partition);
        assertThat(log.state().durable()).isEqualTo(log.state().last());
        assertThat(log.state().watermark().index()).isLessThanOrEqualTo(log.state().last().index());
        boolean wasBlank = (damagedNow || hasFailed) && becameBlankBefore(log, model);
        if (damagedNow && !wasBlank) {
            heal(partition, model);
            log = bucket.open(partition);
        }
        switch (log.state().condition()) {
            case Condition.Clean _ -> {
                if (wasBlank) {
                    blank(log, model);
                } else {
                    clean(log, model);
                }
            }
            case Condition.Blank(String reason) -> {
                assertThat(damagedNow || hasFailed).as(reason).isTrue();
                blank(log, model);
            }
            case Condition.Damaged damaged -> throw new IllegalStateException(damaged.toString());
        }
        model.watermark = log.state().watermark().index();
        model.epoch++;
        reads(log, model);
    }

    private Model known(PartitionId partition) {
        Model model = models.get(partition);
        if (model == null) {
            throw new IllegalStateException("no model of " + partition);
        }
        return model;
    }

    /// Whether a recovery that was interrupted made it blank: its storage id is all that says so.
    private boolean becameBlankBefore(PartitionLog log, Model model) {
        return wasInterrupted
                && model.moments.stream()
                        .noneMatch(moment -> moment.storageId.equals(log.state().storageId()));
    }

    private static boolean agrees(PartitionLog log, List<Entry> found, Moment moment) {
        return log.state().storageId().equals(moment.storageId)
                && log.state().hardState().equals(moment.hardState)
                && Samples.bytes(found).equals(Samples.bytes(moment.entries));
    }

    private static void clean(PartitionLog log, Model model) {
        List<Entry> found = log.reader().entries(1, Long.MAX_VALUE, Integer.MAX_VALUE);
        assertThat(found).hasSize((int) log.state().last().index());
        Moment moment =
                model.moments.stream()
                        .filter(candidate -> agrees(log, found, candidate))
                        .reduce((_, later) -> later)
                        .orElseThrow(() ->
                                new AssertionError(log.state() + " is none of " + model.moments));
        assertThat(log.state().watermark().index())
                .isLessThanOrEqualTo(model.confirmed.getOrDefault(moment.storageId, 0L));
        model.entries.clear();
        model.entries.addAll(moment.entries);
        model.hardState = moment.hardState;
        model.storageId = moment.storageId;
        model.moments.clear();
        model.note();
    }

    private static void blank(PartitionLog log, Model model) {
        for (Moment moment : model.moments) {
            assertThat(log.state().storageId()).isNotEqualTo(moment.storageId);
        }
        List<Entry> found = log.reader().entries(1, Long.MAX_VALUE, Integer.MAX_VALUE);
        assertThat(found).hasSize((int) log.state().last().index());
        long most = model.confirmed.getOrDefault(model.moments.getFirst().storageId, 0L);
        assertThat((long) found.size()).isLessThanOrEqualTo(most);
        assertThat(Samples.bytes(found))
                .isEqualTo(
                        Samples.bytes(model.moments.getFirst().entries.subList(0, found.size())));
        model.entries.clear();
        model.entries.addAll(found);
        model.hardState = log.state().hardState();
        model.storageId = log.state().storageId();
        model.confirmed.put(model.storageId, log.state().watermark().index());
        model.moments.clear();
        model.note();
    }

    /// Reads all; what cannot be read is repaired from the model, as from another replica. If
    /// indexes are damaged the node is restarted.
    private void heal(PartitionId partition, Model model) {
        PartitionLog log = bucket.open(partition);
        if (log.state().condition() instanceof Condition.Blank) {
            return;
        }
        repairAll(log, model);
        bucket.sync();
        try {
            reads(log, model);
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(StorageException.Kind.DAMAGED);
            assertThat(e).hasMessageContaining("restart");
        }
        assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
    }

    private static void repairAll(PartitionLog log, Model model) {
        Moment last = model.moments.getLast();
        model.entries.clear();
        model.entries.addAll(last.entries);
        assertThat(log.state().last().index()).isEqualTo(model.entries.size());
        long index = 1;
        while (index <= log.state().last().index()) {
            try {
                index += log.reader().entries(index, Long.MAX_VALUE, 1 << 20).size();
            } catch (StorageException e) {
                assertThat(e.kind()).isEqualTo(StorageException.Kind.DAMAGED);
                assertThat(index).isLessThanOrEqualTo(log.state().watermark().index());
                assertThat(log.repair(model.entries.get((int) index - 1))).isTrue();
            }
        }
    }

    private void reads(PartitionLog log, Model model) {
        long last = model.entries.size();
        assertThat(log.state().last().index()).isEqualTo(last);
        List<Entry> events =
                model.entries.stream()
                        .filter(entry -> entry.kind() == EntryKind.TRANSACTION)
                        .toList();
        assertThat(Samples.bytes(log.reader().entries(1, last, Integer.MAX_VALUE)))
                .isEqualTo(Samples.bytes(model.entries));
        for (Entry entry : model.entries) {
            assertThat(log.epochAt(entry.index())).isEqualTo(entry.epoch());
        }
        if (events.isEmpty()) {
            assertThat(log.reader().transactions(0, Direction.FORWARD, last, 1)).isEmpty();
            return;
        }
        Entry picked = events.get(random.nextInt(events.size()));
        long sequence = picked.transaction().lastSequence();
        assertThat(Samples.bytes(log.reader().transactions(sequence, Direction.FORWARD, last, 1)))
                .containsExactly(picked.encoded());
        assertThat(Samples.bytes(log.reader().transactions(sequence, Direction.BACKWARD, last, 1)))
                .containsExactly(picked.encoded());
        find(log, picked);
        StreamKey stream = picked.transaction().streams().getFirst();
        List<Entry> ofStream =
                events.stream()
                        .filter(entry -> entry.transaction().streams().contains(stream))
                        .toList();
        assertThat(
                        Samples.bytes(
                                log.reader().stream(
                                        stream, 0, Direction.FORWARD, last, Integer.MAX_VALUE)))
                .isEqualTo(Samples.bytes(ofStream));
        assertThat(
                        Samples.bytes(
                                log.reader().stream(
                                                stream,
                                                Long.MAX_VALUE,
                                                Direction.BACKWARD,
                                                last,
                                                Integer.MAX_VALUE)
                                        .reversed()))
                .isEqualTo(Samples.bytes(ofStream));
        Entry newest = ofStream.getLast();
        int place = newest.transaction().streams().indexOf(stream);
        assertThat(log.lastVersion(stream))
                .isEqualTo(
                        newest.transaction().firstVersion(place)
                                + newest.transaction().eventCount(place)
                                - 1);
    }

    private void find(PartitionLog log, Entry entry) {
        var events = entry.transaction().events();
        while (events.next()) {
            Optional<EventLocation> found =
                    log.find(entry.transaction().partitionKey(), events.id());
            assertThat(found).isPresent();
            assertThat(found.get().entry().encoded()).isEqualTo(entry.encoded());
            assertThat(found.get().place()).isEqualTo(events.place());
            assertThat(log.reader().event(events.id(), Long.MAX_VALUE)).isPresent();
        }
        assertThat(log.find(entry.transaction().partitionKey(), Samples.id(nextId + 1))).isEmpty();
    }

    /// What a lookup that meets the damage does.
    private void rebuildIndexes() {
        try (DiskFile marker = disk.open("bucket-0/" + Maintenance.REBUILD, true)) {
            marker.sync();
            disk.syncFolder("bucket-0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Syncs, marks and flips a bit somewhere, with the process gone.
    void damage() {
        sync();
        bucket.maintain();
        bucket.maintain();
        disk.kill();
        List<String> paths =
                disk.paths().stream().filter(path -> path.startsWith("bucket-0/")).toList();
        String path = paths.get(random.nextInt(paths.size()));
        byte[] bytes = disk.bytes(path);
        int length = bytes.length;
        while (length > 1 && bytes[length - 1] == 0) {
            length--;
        }
        if (length > 0) {
            disk.flip(path, random.nextInt(length), 1 << random.nextInt(8));
        }
        disk.restart();
        List<String> problems = FileStorage.verify(disk).problems();
        if (problems.stream().anyMatch(problem -> problem.contains("run"))) {
            rebuildIndexes();
        }
    }
}
