package io.ridgeline.storage.file;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.MalformedTransactionException;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.index.Hashes;
import io.ridgeline.storage.file.index.LogIndex;
import io.ridgeline.storage.file.index.RunCheck;
import io.ridgeline.storage.file.segment.LogScan;
import io.ridgeline.storage.file.segment.Records;
import io.ridgeline.storage.file.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Follows a whole log and checks that each record fits the ones before.
final class LogCheck implements LogScan.Sink {
    private static final long UNKNOWN = -1;

    /// What is known of a partition at some place.
    static final class State {
        final PartitionId partition;
        int logId;
        @Nullable UUID storageId;
        LogPosition last = LogPosition.NONE;
        long nextSequence;
        @Nullable HardState hardState;

        State(PartitionId partition) {
            this.partition = partition;
        }
    }

    private final String folder;
    private final List<String> notes;
    private final List<String> problems;
    private final SortedMap<PartitionId, State> states = new TreeMap<>();
    private boolean isAfterGap;
    private long entries;
    private long events;

    LogCheck(String folder, List<String> notes, List<String> problems) {
        this.folder = folder;
        this.notes = notes;
        this.problems = problems;
    }

    Collection<State> partitions() {
        return states.values();
    }

    long entries() {
        return entries;
    }

    long events() {
        return events;
    }

    private State state(PartitionId partition) {
        return states.computeIfAbsent(partition, State::new);
    }

    @Override
    public void header(SegmentHeader header) {
        boolean isFirst = states.isEmpty();
        for (SegmentHeader.Partition partition : header.partitions()) {
            State state = state(partition.partition());
            if (!isFirst && !isAfterGap) {
                compare(header.number(), state, partition);
            }
            state.logId = partition.logId();
            state.storageId = partition.storageId();
            state.last = partition.last();
            state.nextSequence = partition.nextSequence();
            state.hardState = partition.hardState();
        }
        isAfterGap = false;
    }

    private void compare(long segment, State state, SegmentHeader.Partition header) {
        boolean wasBlank = !header.storageId().equals(state.storageId);
        String where = folder + ": segment " + segment + ", partition " + state.partition;
        if (wasBlank) {
            notes.add(where + " became blank, storage id " + header.storageId());
            return;
        }
        boolean isEpochKnown = state.last.epoch() != 0 || state.last.index() == 0;
        boolean isSame =
                isEpochKnown
                        ? header.last().equals(state.last)
                        : header.last().index() == state.last.index();
        if (!isSame || header.logId() != state.logId) {
            problems.add(where + " begins at " + header.last() + ", before is " + state.last);
        }
        if (state.hardState != null && !header.hardState().equals(state.hardState)) {
            problems.add(where + " has " + header.hardState() + ", before is " + state.hardState);
        }
    }

    @Override
    public void record(ByteBuffer bytes, int at, int length, long location) {
        int kind = Records.kind(bytes, at);
        if (kind == Records.PADDING) {
            return;
        }
        PartitionId partition = Records.partition(bytes, at);
        State state = state(partition);
        switch (kind) {
            case Records.HARD_STATE -> state.hardState = Records.hardState(bytes, at);
            case Records.TRUNCATE -> {
                state.last = new LogPosition(Records.index(bytes, at), 0);
                state.nextSequence = UNKNOWN;
            }
            case Records.FORMAT -> {
                Records.Format format = Records.format(bytes, at);
                state.logId = format.logId();
                state.storageId = format.storageId();
                state.last = LogPosition.NONE;
                state.nextSequence = 0;
                state.hardState = null;
            }
            default -> entry(state, bytes, at, length);
        }
    }

    private void entry(State state, ByteBuffer bytes, int at, int length) {
        byte[] copy = new byte[length];
        bytes.get(at, copy);
        Entry entry;
        int count;
        try {
            entry = Entry.decode(ByteBuffer.wrap(copy));
            count = entry.eventCount();
        } catch (MalformedTransactionException e) {
            problems.add(folder + ": partition " + state.partition + ": " + e.getMessage());
            return;
        }
        entries++;
        events += count;
        if (entry.index() <= state.last.index()) {
            notes.add(folder + ": " + entry + " was repaired");
            return;
        }
        String where = folder + ": partition " + state.partition + ": " + entry;
        if (!isAfterGap
                && (entry.index() != state.last.index() + 1
                        || entry.epoch() < state.last.epoch())) {
            problems.add(where + " follows " + state.last);
        }
        if (count > 0) {
            long first = entry.transaction().firstSequence();
            if (!isAfterGap && state.nextSequence != UNKNOWN && first != state.nextSequence) {
                problems.add(where + " has sequence " + first + ", next is " + state.nextSequence);
            }
            state.nextSequence = first + count;
        }
        state.last = entry.position();
    }

    @Override
    public void gap(boolean withControls, String where) {
        problems.add(
                folder
                        + ": what was durable cannot be read at "
                        + where
                        + (withControls ? ", hard states may be among it" : ""));
        isAfterGap = true;
    }

    /// Takes what is intact behind the last proven batch.
    void unproven(LogScan.End end) {
        @Nullable ByteBuffer body = end.unproven() == null ? null : end.unproven().body();
        int at = 0;
        while (body != null && at < body.limit()) {
            int length = Records.length(body, at, body.limit());
            record(body, at, length, 0);
            at += length;
        }
    }

    Places places(Disk disk, Manifest manifest) {
        return new Places(disk, manifest);
    }

    /// Reads entries where indexes say that they lie.
    final class Places implements AutoCloseable {
        private final SegmentFiles files;
        private final Map<Long, Manifest.Place> repairs = new HashMap<>();
        private final RunCheck check;

        Places(Disk disk, Manifest manifest) {
            this.files = new SegmentFiles(disk, folder, () -> 0);
            manifest.segments().forEach(files::know);
            for (Manifest.Place repair : manifest.repairs()) {
                repairs.put(LogIndex.of(repair.logId(), repair.index()), repair);
            }
            this.check = new RunCheck(new Hashes(manifest.hashSeed()), this::read, problems);
        }

        RunCheck runCheck() {
            return check;
        }

        private @Nullable Entry read(int logId, long index, long location, int length) {
            @Nullable Entry entry = decode(index, location, length);
            Manifest.@Nullable Place repair = repairs.get(LogIndex.of(logId, index));
            return entry != null || repair == null
                    ? entry
                    : decode(index, repair.location(), repair.length());
        }

        private @Nullable Entry decode(long index, long location, int length) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            try {
                files.read(bytes, location);
                Entry entry = Entry.decode(bytes.flip());
                return entry.index() == index && entry.lengthBytes() == length ? entry : null;
            } catch (IOException | MalformedTransactionException e) {
                return null;
            }
        }

        @Override
        public void close() {
            files.close();
        }
    }
}
