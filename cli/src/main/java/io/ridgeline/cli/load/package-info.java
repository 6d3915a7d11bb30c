/// Loads JSON lines into the event store, repeatably.
@NullMarked
package io.ridgeline.cli.load;

import org.jspecify.annotations.NullMarked;
