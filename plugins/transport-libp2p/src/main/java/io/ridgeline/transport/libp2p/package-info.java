/// The transport over libp2p: authenticated peers, lanes, batching and credits.
@NullMarked
package io.ridgeline.transport.libp2p;

import org.jspecify.annotations.NullMarked;
