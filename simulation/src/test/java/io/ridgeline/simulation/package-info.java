/// What the tests of the simulator share.
@NullMarked
package io.ridgeline.simulation;

import org.jspecify.annotations.NullMarked;
