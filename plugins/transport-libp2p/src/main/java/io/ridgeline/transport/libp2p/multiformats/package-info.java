/// The self-describing encodings of libp2p: varints, bases, PeerIds, addresses.
@NullMarked
package io.ridgeline.transport.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
