/// Clients that append, repeat, race, read and subscribe, and remember what they were told.
@NullMarked
package io.ridgeline.simulation.client;

import org.jspecify.annotations.NullMarked;
