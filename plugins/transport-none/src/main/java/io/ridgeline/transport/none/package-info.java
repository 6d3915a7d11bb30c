/// No transport: a cluster of one.
@NullMarked
package io.ridgeline.transport.none;

import org.jspecify.annotations.NullMarked;
