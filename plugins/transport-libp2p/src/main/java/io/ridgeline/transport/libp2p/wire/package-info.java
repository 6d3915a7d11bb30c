/// The little of Protocol Buffers that libp2p's own messages need.
@NullMarked
package io.ridgeline.transport.libp2p.wire;

import org.jspecify.annotations.NullMarked;
