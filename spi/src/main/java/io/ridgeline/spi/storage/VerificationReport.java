package io.ridgeline.spi.storage;

import java.util.List;

/// What an offline check of a node's data found.
///
/// @param buckets number of buckets
/// @param partitions number of partitions
/// @param entries entries whose checksum and chain were checked
/// @param events events in them
/// @param bytes bytes that were read
/// @param notes what is normal after a crash, such as a torn last write that will be cut
/// @param problems damage; none if all is well
public record VerificationReport(
        int buckets,
        int partitions,
        long entries,
        long events,
        long bytes,
        List<String> notes,
        List<String> problems) {
    public VerificationReport {
        notes = List.copyOf(notes);
        problems = List.copyOf(problems);
    }
}
