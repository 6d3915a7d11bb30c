/// The hash of a run, and its story as text and diagram.
@NullMarked
package io.ridgeline.simulation.trace;

import org.jspecify.annotations.NullMarked;
