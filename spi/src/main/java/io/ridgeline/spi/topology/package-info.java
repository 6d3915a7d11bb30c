/// The topology contract: who belongs to the cluster, and how its members are.
@NullMarked
package io.ridgeline.spi.topology;

import org.jspecify.annotations.NullMarked;
