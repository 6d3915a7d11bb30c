/// Measuring the round trip to a peer, and answering who measures.
@NullMarked
package io.ridgeline.transport.libp2p.ping;

import org.jspecify.annotations.NullMarked;
