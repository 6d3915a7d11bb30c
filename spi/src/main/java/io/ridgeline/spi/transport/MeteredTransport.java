package io.ridgeline.spi.transport;

import java.util.List;

/// A transport that says what it has counted, for metrics.
public interface MeteredTransport extends Transport {

    /// {@return all numbers; those with the same name have tags of the same keys. What was there in
    /// an earlier call may be missing in a later one, when a peer is no member any more}
    List<Meter> meters();
}
