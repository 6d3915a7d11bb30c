/// The transport contract: messages between the nodes of a cluster.
@NullMarked
package io.ridgeline.spi.transport;

import org.jspecify.annotations.NullMarked;
