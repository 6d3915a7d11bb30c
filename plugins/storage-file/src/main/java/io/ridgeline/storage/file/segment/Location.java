package io.ridgeline.storage.file.segment;

/// Where a record lies: the number of its segment above, its offset in it below. Later records have
/// higher locations. 0 is nowhere.
public final class Location {
    /// No place: the record is missing.
    public static final long NOWHERE = 0;

    private Location() {}

    /// {@return the location of an offset in a segment}
    public static long of(long segment, int offset) {
        return segment << 32 | offset;
    }

    /// {@return the number of the segment}
    public static long segment(long location) {
        return location >>> 32;
    }

    /// {@return the offset in the segment}
    public static int offset(long location) {
        return (int) location;
    }

    /// {@return the location in words}
    public static String toString(long location) {
        return "segment " + segment(location) + " offset " + offset(location);
    }
}
