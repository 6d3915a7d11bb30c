/// How providers declare and read their configuration.
@NullMarked
package io.ridgeline.spi.config;

import org.jspecify.annotations.NullMarked;
