/// Tests of the encoding of transactions and entries.
@NullMarked
package io.ridgeline.spi.event;

import org.jspecify.annotations.NullMarked;
