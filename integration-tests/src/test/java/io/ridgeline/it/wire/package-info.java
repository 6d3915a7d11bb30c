/// Bytes as no proper client would send them.
@NullMarked
package io.ridgeline.it.wire;

import org.jspecify.annotations.NullMarked;
