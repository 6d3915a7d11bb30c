package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.NoiseIdentity;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/// What connections need of their host.
///
/// @param identity who we are
/// @param options the host's
/// @param allowed the allow list
/// @param handshakes threads for the arithmetic
/// @param streamBudget inbound streams of all connections together
/// @param protocols what is spoken on streams
record UpgradeContext(
        NoiseIdentity identity,
        HostOptions options,
        Predicate<PeerId> allowed,
        Executor handshakes,
        Semaphore streamBudget,
        Protocols protocols) {

    /// {@return the same with another allow list}
    UpgradeContext allowing(Predicate<PeerId> other) {
        return new UpgradeContext(identity, options, other, handshakes, streamBudget, protocols);
    }

    /// How an upgrade ends; called once, on the connection's thread.
    interface Outcome {
        void onUpgraded(MuxedConnection connection);

        void onFailed(HandshakeException failure);
    }
}
