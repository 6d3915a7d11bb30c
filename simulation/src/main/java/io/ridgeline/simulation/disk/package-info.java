/// A disk that knows what is synced and what is only in the page cache, and the storage on it.
@NullMarked
package io.ridgeline.simulation.disk;

import org.jspecify.annotations.NullMarked;
