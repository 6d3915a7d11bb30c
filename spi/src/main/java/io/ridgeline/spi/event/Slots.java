package io.ridgeline.spi.event;

import java.nio.charset.StandardCharsets;

/// Maps partition keys to slots: slot = XXH64(UTF-8 of the key, seed 0) >>> 48. The table from
/// slots to partitions is stored when the data is first made; this hash never changes.
public final class Slots {
    /// How many slots there are.
    public static final int COUNT = 65_536;

    private Slots() {}

    /// {@return the slot of a partition key, from 0 to [#COUNT] − 1}
    public static int slotOf(String partitionKey) {
        return (int) (XxHash64.hash(partitionKey.getBytes(StandardCharsets.UTF_8), 0) >>> 48);
    }
}
