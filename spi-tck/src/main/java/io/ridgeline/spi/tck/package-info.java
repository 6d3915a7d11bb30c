/// Contract tests: a plugin's test is one class that extends one of these.
@NullMarked
package io.ridgeline.spi.tck;

import org.jspecify.annotations.NullMarked;
