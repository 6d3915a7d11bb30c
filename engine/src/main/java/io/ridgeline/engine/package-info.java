/// The replicated protocol as a deterministic state machine: a [Shard] takes inputs and calls
/// [Ports].
@NullMarked
package io.ridgeline.engine;

import org.jspecify.annotations.NullMarked;
