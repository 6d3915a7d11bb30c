/// Tests of values that contracts share.
@NullMarked
package io.ridgeline.spi;

import org.jspecify.annotations.NullMarked;
