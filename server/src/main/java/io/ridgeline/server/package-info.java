/// The node that ships: its command line.
@NullMarked
package io.ridgeline.server;

import org.jspecify.annotations.NullMarked;
