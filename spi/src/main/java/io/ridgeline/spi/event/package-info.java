/// Transactions and events as they are stored and sent: one encoding for wire and disk.
@NullMarked
package io.ridgeline.spi.event;

import org.jspecify.annotations.NullMarked;
