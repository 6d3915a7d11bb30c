package io.ridgeline.client;

import java.nio.charset.StandardCharsets;

/// Shows the fakes the rule by which keys belong to slots.
public final class KeySlots {
    /// How many slots there are.
    public static final int COUNT = Slots.COUNT;

    private KeySlots() {}

    /// {@return the slot of a key}
    public static int of(String partitionKey) {
        return Slots.slotOf(partitionKey.getBytes(StandardCharsets.UTF_8));
    }
}
