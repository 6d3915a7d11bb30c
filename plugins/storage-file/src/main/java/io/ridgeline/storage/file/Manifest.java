package io.ridgeline.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// The files that count, and what of the log is in no run. Kept twice; nothing that a change names
/// is used before both copies are durable, so that a good copy always names all that was used.
///
/// @param hashSeed of the bucket's indexes
/// @param segments in order, the spare one included
/// @param runs the numbers of the runs, oldest entries first
/// @param nextRun the number that a run gets next
/// @param scanFrom all entries in earlier segments are in a run, or stragglers
/// @param provenEnd a batch that begins before this location was durable for certain
/// @param stragglers entries in earlier segments that are in no run
/// @param repairs entries whose place is damaged and where they were put instead
record Manifest(
        long hashSeed,
        List<Segment> segments,
        List<Integer> runs,
        int nextRun,
        long scanFrom,
        long provenEnd,
        List<Place> stragglers,
        List<Place> repairs) {
    static final String NAME = "manifest";

    Manifest {
        segments = List.copyOf(segments);
        runs = List.copyOf(runs);
        stragglers = List.copyOf(stragglers);
        repairs = List.copyOf(repairs);
    }

    /// A file of the log.
    record Segment(long number, long salt) {
        String path(String folder) {
            return "%s/segment-%08d-%016x".formatted(folder, number, salt);
        }
    }

    /// Where an entry lies.
    record Place(
            int logId,
            long index,
            long location,
            int length,
            int eventCount,
            long firstSequence,
            long epoch,
            int kind) {}

    Manifest with(List<Segment> newSegments) {
        return new Manifest(
                hashSeed, newSegments, runs, nextRun, scanFrom, provenEnd, stragglers, repairs);
    }

    Manifest withRuns(List<Integer> newRuns) {
        return new Manifest(
                hashSeed, segments, newRuns, nextRun, scanFrom, provenEnd, stragglers, repairs);
    }

    /// {@return the same without runs: all indexes are to be made anew}
    Manifest withoutRuns() {
        return new Manifest(
                hashSeed, segments, List.of(), nextRun, 1, provenEnd, List.of(), repairs);
    }

    Manifest withNextRun(int newNextRun) {
        return new Manifest(
                hashSeed, segments, runs, newNextRun, scanFrom, provenEnd, stragglers, repairs);
    }

    private ByteBuffer encode() {
        ByteBuffer out =
                ByteBuffer.allocate(
                        64
                                + segments.size() * 16
                                + runs.size() * 4
                                + (stragglers.size() + repairs.size()) * 45);
        out.putLong(hashSeed).putInt(nextRun).putLong(scanFrom).putLong(provenEnd);
        out.putInt(segments.size());
        for (Segment segment : segments) {
            out.putLong(segment.number).putLong(segment.salt);
        }
        out.putInt(runs.size());
        runs.forEach(out::putInt);
        put(out, stragglers);
        put(out, repairs);
        return out.flip();
    }

    private static void put(ByteBuffer out, List<Place> places) {
        out.putInt(places.size());
        for (Place place : places) {
            out.putInt(place.logId).putLong(place.index).putLong(place.location);
            out.putInt(place.length).putInt(place.eventCount).putLong(place.firstSequence);
            out.putLong(place.epoch).put((byte) place.kind);
        }
    }

    static Manifest decode(ByteBuffer in) {
        long seed = in.getLong();
        int nextRun = in.getInt();
        long scanFrom = in.getLong();
        long provenEnd = in.getLong();
        List<Segment> segments = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            segments.add(new Segment(in.getLong(), in.getLong()));
        }
        List<Integer> runs = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            runs.add(in.getInt());
        }
        List<Place> stragglers = places(in);
        return new Manifest(
                seed, segments, runs, nextRun, scanFrom, provenEnd, stragglers, places(in));
    }

    private static List<Place> places(ByteBuffer in) {
        List<Place> places = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            places.add(
                    new Place(
                            in.getInt(),
                            in.getLong(),
                            in.getLong(),
                            in.getInt(),
                            in.getInt(),
                            in.getLong(),
                            in.getLong(),
                            in.get()));
        }
        return places;
    }

    /// Holds the newest manifest. Any thread may call it.
    static final class Store {
        private final Twin file;
        private volatile Manifest current;

        Store(Twin file, Manifest current) {
            this.file = file;
            this.current = current;
        }

        Manifest current() {
            return current;
        }

        /// Makes a change durable. After a failure the old manifest counts here and the new one
        /// perhaps at the next start, so the files that it names must stay.
        synchronized Manifest update(UnaryOperator<Manifest> changed) throws IOException {
            Manifest next = changed.apply(current);
            file.write(next.encode());
            current = next;
            return next;
        }
    }
}
