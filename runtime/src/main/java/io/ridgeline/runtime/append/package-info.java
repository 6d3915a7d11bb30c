/// Takes appends from calls to shards, and their answers back in order.
@NullMarked
package io.ridgeline.runtime.append;

import org.jspecify.annotations.NullMarked;
