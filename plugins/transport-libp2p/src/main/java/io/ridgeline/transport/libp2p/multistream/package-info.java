/// Agreeing on a protocol: multistream-select 1.0 as state machines fed with bytes.
@NullMarked
package io.ridgeline.transport.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
