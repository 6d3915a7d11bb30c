/// Against other implementations of libp2p.
@NullMarked
package io.ridgeline.transport.libp2p.interop;

import org.jspecify.annotations.NullMarked;
