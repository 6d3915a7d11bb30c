package io.ridgeline.storage.file.index;

import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/// Makes a run of what was indexed in memory.
public final class RunBuilder {
    private final SortedMap<Integer, Rows> rows = new TreeMap<>();
    private final Triples ids;
    private final Triples streams;

    /// Nothing yet.
    public RunBuilder() {
        ids = new Triples(1024);
        streams = new Triples(1024);
    }

    /// Adds rows of one log.
    public void add(int logId, Rows ofLog) {
        rows.put(logId, ofLog);
    }

    /// Adds ids and streams of some entries.
    public void add(List<Generation> generations, LongPredicate wanted) {
        for (Generation generation : generations) {
            generation.copyIds(wanted, ids::add);
            generation.copyPostings(wanted, streams::add);
        }
    }

    /// Writes the files and makes their names durable.
    public void write(Disk disk, String folder, int number) throws IOException {
        try (EntryTable.Writer out =
                new EntryTable.Writer(disk, Run.path(folder, number, "entries"))) {
            for (var log : rows.entrySet()) {
                write(out, log.getKey(), log.getValue());
            }
            out.finish();
        }
        write(disk, Run.path(folder, number, "ids"), false, ids);
        write(disk, Run.path(folder, number, "streams"), true, streams);
        disk.syncFolder(folder);
    }

    private static void write(EntryTable.Writer out, int logId, Rows ofLog) throws IOException {
        for (long index = ofLog.firstIndex(); index < ofLog.indexEnd(); index++) {
            out.add(
                    logId,
                    index,
                    ofLog.location(index),
                    ofLog.length(index),
                    ofLog.eventCount(index),
                    ofLog.firstSequence(index),
                    ofLog.epoch(index),
                    ofLog.kind(index) == EntryKind.CONFIGURATION.code());
        }
    }

    private static void write(Disk disk, String path, boolean hasValues, Triples sorted)
            throws IOException {
        sorted.sort();
        try (PairTable.Writer out = new PairTable.Writer(disk, path, hasValues, sorted.count())) {
            for (int row = 0; row < sorted.count(); row++) {
                out.add(sorted.first(row), sorted.second(row), sorted.third(row));
            }
            out.finish();
        }
    }
}
