/// A network that loses, delays, repeats, holds back and cuts.
@NullMarked
package io.ridgeline.simulation.network;

import org.jspecify.annotations.NullMarked;
