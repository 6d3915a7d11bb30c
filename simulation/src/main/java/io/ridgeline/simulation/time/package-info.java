/// Virtual time and seeded randomness: one queue, one seed.
@NullMarked
package io.ridgeline.simulation.time;

import org.jspecify.annotations.NullMarked;
