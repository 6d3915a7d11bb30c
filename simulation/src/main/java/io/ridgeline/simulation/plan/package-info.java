/// What one seed does: sizes, rates and faults, as values that can be shrunk.
@NullMarked
package io.ridgeline.simulation.plan;

import org.jspecify.annotations.NullMarked;
