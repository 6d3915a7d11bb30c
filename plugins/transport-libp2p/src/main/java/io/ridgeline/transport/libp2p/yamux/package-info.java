/// Many streams on one connection, each with its own flow control.
@NullMarked
package io.ridgeline.transport.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
