/// The quorum contract: how many replicas a write and a takeover need.
@NullMarked
package io.ridgeline.spi.quorum;

import org.jspecify.annotations.NullMarked;
