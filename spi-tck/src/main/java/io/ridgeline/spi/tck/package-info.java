/// Contract tests: a plugin's test is one class that extends one of these. And what such tests
/// need.
@NullMarked
package io.ridgeline.spi.tck;

import org.jspecify.annotations.NullMarked;
