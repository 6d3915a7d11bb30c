package io.ridgeline.spi;

import java.util.List;

/// What a transport or a topology also is if it counts something that operators may see. Any thread
/// may call it; no call blocks.
public interface Metered {

    /// {@return all numbers; those with the same name have tags of the same keys. What was there in
    /// an earlier call may be missing in a later one, when it is about something that is gone}
    List<Meter> meters();
}
