/// What a cluster was founded on, where its partitions are, and what nodes tell each other of it.
@NullMarked
package io.ridgeline.runtime.cluster;

import org.jspecify.annotations.NullMarked;
