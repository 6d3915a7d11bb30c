/// The secure channel: Noise XX with libp2p's payload, as state machines fed with bytes.
@NullMarked
package io.ridgeline.transport.libp2p.noise;

import org.jspecify.annotations.NullMarked;
