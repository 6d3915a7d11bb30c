/// The Java client of Ridgeline: appending to streams, reading them and following them.
@NullMarked
package io.ridgeline.client;

import org.jspecify.annotations.NullMarked;
