package io.ridgeline.storage.file.index;

import java.util.Arrays;
import java.util.function.LongPredicate;

/// The ids and streams of entries that are in no run yet. Not thread-safe.
public final class Generation {
    private final KeyTable ids = new KeyTable();
    private final KeyTable newestPostings = new KeyTable();

    // Postings, by their ordinal: which version of a stream an entry begins with.
    private long[] streams = new long[64];
    private long[] versions = new long[64];
    private long[] entries = new long[64];
    private int[] olderPostings = new int[64];
    private int postings;

    /// {@return how many ids there are}
    public int idCount() {
        return ids.size();
    }

    /// {@return how many postings of streams there are}
    public int postingCount() {
        return postings;
    }

    /// Adds an event.
    ///
    /// @param id key of its id
    /// @param entry its entry, as [LogIndex]
    public void addId(long id, long entry) {
        ids.add(id, entry);
    }

    /// Adds what an entry holds of a stream. A stream's postings come in the order of its versions.
    ///
    /// @param stream key of the stream
    /// @param version of the first of its events there
    /// @param entry as [LogIndex]
    public void addPosting(long stream, long version, long entry) {
        if (postings == streams.length) {
            streams = Arrays.copyOf(streams, postings * 2);
            versions = Arrays.copyOf(versions, postings * 2);
            entries = Arrays.copyOf(entries, postings * 2);
            olderPostings = Arrays.copyOf(olderPostings, postings * 2);
        }
        streams[postings] = stream;
        versions[postings] = version;
        entries[postings] = entry;
        int slot = newestPostings.first(stream);
        if (slot < 0) {
            olderPostings[postings] = -1;
            newestPostings.add(stream, postings + 1);
        } else {
            olderPostings[postings] = (int) newestPostings.value(slot) - 1;
            newestPostings.set(slot, postings + 1);
        }
        postings++;
    }

    /// Gathers the entries that may hold an id.
    ///
    /// @param logId only entries of this log
    public void findId(long id, int logId, Postings found) {
        for (int slot = ids.first(id); slot >= 0; slot = ids.next(slot, id)) {
            long entry = ids.value(slot);
            if (LogIndex.logId(entry) == logId) {
                found.add(0, LogIndex.index(entry));
            }
        }
    }

    /// Gathers the entries that may hold an id under any partition key. Looks at all ids.
    public void findIdOfAnyKey(long id, int logId, Postings found) {
        ids.forEach((key, entry) -> {
            if (key >>> 32 == id >>> 32 && LogIndex.logId(entry) == logId) {
                found.add(0, LogIndex.index(entry));
            }
        });
    }

    /// Gathers the postings of a stream up to a version, newest first.
    ///
    /// @param most stop there, but not between equal versions
    public void postingsUpTo(long stream, int logId, long version, int most, Postings found) {
        int begin = found.count();
        for (int i = newest(stream); i >= 0; i = olderPostings[i]) {
            if (versions[i] > version || LogIndex.logId(entries[i]) != logId) {
                continue;
            }
            int count = found.count() - begin;
            if (count >= most && versions[i] != found.version(found.count() - 1)) {
                return;
            }
            found.add(versions[i], LogIndex.index(entries[i]));
        }
    }

    /// Gathers the postings of a stream behind a version: those that come first, last of them
    /// first.
    ///
    /// @param most keep that many, but all of equal versions
    public void postingsBehind(long stream, int logId, long version, int most, Postings found) {
        int begin = found.count();
        for (int i = newest(stream); i >= 0 && versions[i] > version; i = olderPostings[i]) {
            if (LogIndex.logId(entries[i]) == logId) {
                found.add(versions[i], LogIndex.index(entries[i]));
                if (found.count() - begin >= 4 * most) {
                    found.keepLast(begin, most);
                }
            }
        }
        found.keepLast(begin, most);
    }

    private int newest(long stream) {
        int slot = newestPostings.first(stream);
        return slot < 0 ? -1 : (int) newestPostings.value(slot) - 1;
    }

    /// {@return a generation of only what belongs to some entries}
    public Generation retained(LongPredicate kept) {
        Generation rest = new Generation();
        rest.addAll(this, kept);
        return rest;
    }

    /// Adds what another generation has of some entries.
    public void addAll(Generation other, LongPredicate wanted) {
        other.ids.forEach((key, entry) -> {
            if (wanted.test(entry)) {
                addId(key, entry);
            }
        });
        for (int i = 0; i < other.postings; i++) {
            if (wanted.test(other.entries[i])) {
                addPosting(other.streams[i], other.versions[i], other.entries[i]);
            }
        }
    }

    /// Hands out the ids of some entries.
    public void copyIds(LongPredicate wanted, RowSink to) {
        ids.forEach((key, entry) -> {
            if (wanted.test(entry)) {
                to.row(key, LogIndex.index(entry), 0);
            }
        });
    }

    /// Hands out the postings of some entries.
    public void copyPostings(LongPredicate wanted, RowSink to) {
        for (int i = 0; i < postings; i++) {
            if (wanted.test(entries[i])) {
                to.row(streams[i], versions[i], LogIndex.index(entries[i]));
            }
        }
    }

    /// Takes rows of three numbers.
    @FunctionalInterface
    public interface RowSink {
        /// Takes a row.
        void row(long first, long second, long third);
    }
}
