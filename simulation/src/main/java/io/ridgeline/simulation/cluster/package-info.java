/// Whole clusters of the real engine in virtual time.
@NullMarked
package io.ridgeline.simulation.cluster;

import org.jspecify.annotations.NullMarked;
