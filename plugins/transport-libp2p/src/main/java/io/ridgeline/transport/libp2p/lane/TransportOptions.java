package io.ridgeline.transport.libp2p.lane;

import java.time.Duration;

/// How a transport treats its peers.
///
/// @param queueBytesMax what may wait to be sent, per peer and lane
/// @param redialMin first pause before dialling again
/// @param redialMax longest pause
public record TransportOptions(long queueBytesMax, Duration redialMin, Duration redialMax) {}
