/// The seam between the libp2p stack and its users; shaped so that another stack can be put behind
/// it.
@NullMarked
package io.ridgeline.transport.libp2p.host;

import org.jspecify.annotations.NullMarked;
