/// Runs shards of the engine: a thread and a mailbox for each bucket.
@NullMarked
package io.ridgeline.runtime.shard;

import org.jspecify.annotations.NullMarked;
