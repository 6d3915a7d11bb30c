/// What two nodes share whatever the partition: liveness, digests, batches, timers.
@NullMarked
package io.ridgeline.engine.node;

import org.jspecify.annotations.NullMarked;
