/// What must hold, judged from disk contents and from what clients were told.
@NullMarked
package io.ridgeline.simulation.checker;

import org.jspecify.annotations.NullMarked;
