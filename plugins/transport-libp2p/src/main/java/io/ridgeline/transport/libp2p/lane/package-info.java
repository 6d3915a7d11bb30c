/// Ridgeline's own protocol: messages in lanes, with credits from end to end.
@NullMarked
package io.ridgeline.transport.libp2p.lane;

import org.jspecify.annotations.NullMarked;
