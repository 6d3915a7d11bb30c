package io.ridgeline.storage.file;

import io.ridgeline.spi.event.MalformedTransactionException;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.index.LogIndex;
import io.ridgeline.storage.file.segment.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Reads entries whose places are known. Any thread may call it.
final class EntryFiles {
    /// Entries this far apart are read at once.
    private static final int GAP_BYTES_MAX = 4096;

    private static final int READ_BYTES_MAX = 1 << 20;

    private final SegmentFiles files;
    private final Map<Long, Manifest.Place> repairs = new ConcurrentHashMap<>();
    private final Map<Long, Entry> unwritten = new ConcurrentHashMap<>();

    EntryFiles(SegmentFiles files) {
        this.files = files;
    }

    /// Notes where an entry lies whose first place is damaged.
    void repaired(Manifest.Place place) {
        repairs.put(LogIndex.of(place.logId(), place.index()), place);
    }

    /// Notes an entry that will lie at a place once the batch is written.
    void repaired(Manifest.Place place, Entry entry) {
        unwritten.put(LogIndex.of(place.logId(), place.index()), entry);
        repaired(place);
    }

    /// All that was noted is on disk.
    void written() {
        unwritten.clear();
    }

    List<Manifest.Place> repairs() {
        return List.copyOf(repairs.values());
    }

    /// Reads entries.
    ///
    /// @return as many as can be read, at least one if there is one
    /// @throws StorageException kind `DAMAGED` if the first one cannot be read
    List<Entry> read(Log log, Picks picks) {
        List<Entry> found = new ArrayList<>(picks.count());
        int next = 0;
        while (next < picks.count()) {
            @Nullable Entry known = picks.entry(next);
            if (known != null) {
                found.add(known);
                next++;
                continue;
            }
            int end = groupEnd(picks, next);
            int read = readGroup(log, picks, next, end, found);
            if (read < end - next) {
                @Nullable Entry repaired = readRepaired(log, picks.index(next + read));
                if (repaired == null) {
                    log.damage.add(picks.index(next + read));
                    if (found.isEmpty()) {
                        throw damaged(log, picks, next + read);
                    }
                    return found;
                }
                found.add(repaired);
                read++;
            }
            next += read;
        }
        return found;
    }

    private static StorageException damaged(Log log, Picks picks, int pick) {
        return new StorageException(
                StorageException.Kind.DAMAGED,
                "entry %d of partition %s, %s, is not what was written; it can be repaired from another replica"
                        .formatted(
                                picks.index(pick),
                                log.partition,
                                picks.location(pick) == Location.NOWHERE
                                        ? "whose place is lost"
                                        : Location.toString(picks.location(pick))));
    }

    /// {@return the end of those that are read at once}
    private static int groupEnd(Picks picks, int start) {
        long low = picks.location(start);
        long high = low + picks.length(start);
        int end = start + 1;
        while (end < picks.count() && picks.entry(end) == null) {
            long location = picks.location(end);
            long locationEnd = location + picks.length(end);
            long newLow = Math.min(low, location);
            long newHigh = Math.max(high, locationEnd);
            if (Location.segment(location) != Location.segment(low)
                    || location > high + GAP_BYTES_MAX
                    || locationEnd < low - GAP_BYTES_MAX
                    || newHigh - newLow > READ_BYTES_MAX) {
                break;
            }
            low = newLow;
            high = newHigh;
            end++;
        }
        return end;
    }

    /// {@return how many were read until one could not be}
    private int readGroup(Log log, Picks picks, int start, int end, List<Entry> found) {
        long low = Long.MAX_VALUE;
        long high = 0;
        for (int i = start; i < end; i++) {
            low = Math.min(low, picks.location(i));
            high = Math.max(high, picks.location(i) + picks.length(i));
        }
        if (low == Location.NOWHERE) {
            return 0;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) (high - low));
        try {
            files.read(bytes, low);
        } catch (IOException e) {
            if (end - start > 1) {
                return readGroup(log, picks, start, start + 1, found);
            }
            return 0;
        }
        bytes.flip();
        for (int i = start; i < end; i++) {
            @Nullable Entry entry =
                    decode(
                            log,
                            bytes,
                            (int) (picks.location(i) - low),
                            picks.length(i),
                            picks.index(i));
            if (entry == null) {
                return i - start;
            }
            found.add(entry);
        }
        return end - start;
    }

    private static @Nullable Entry decode(
            Log log, ByteBuffer bytes, int offset, int length, long index) {
        if (offset + length > bytes.limit()) {
            return null;
        }
        try {
            Entry entry = Entry.decode(bytes.slice(offset, length));
            return entry.index() == index
                            && entry.partition().equals(log.partition)
                            && entry.lengthBytes() == length
                    ? entry
                    : null;
        } catch (MalformedTransactionException e) {
            return null;
        }
    }

    private @Nullable Entry readRepaired(Log log, long index) {
        @Nullable Entry known = unwritten.get(LogIndex.of(log.logId, index));
        if (known != null) {
            return known;
        }
        Manifest.@Nullable Place place = repairs.get(LogIndex.of(log.logId, index));
        if (place == null) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(place.length());
        try {
            files.read(bytes, place.location());
        } catch (IOException e) {
            return null;
        }
        return decode(log, bytes.flip(), 0, place.length(), index);
    }
}
