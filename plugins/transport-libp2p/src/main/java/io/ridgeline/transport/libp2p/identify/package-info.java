/// Telling peers who one is and what one speaks, and asking them.
@NullMarked
package io.ridgeline.transport.libp2p.identify;

import org.jspecify.annotations.NullMarked;
