package io.ridgeline.spi;

/// The opaque number of a partition: an unsigned 32-bit value that is never used again for another
/// partition. Numbers from 2^31 on, negative as `int`, belong to the system.
public record PartitionId(int value) implements Comparable<PartitionId> {

    /// {@return whether the partition is one of the system's own}
    public boolean isSystem() {
        return value < 0;
    }

    @Override
    public int compareTo(PartitionId other) {
        return Integer.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toUnsignedString(value);
    }
}
