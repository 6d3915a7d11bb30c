/// Members that learn of each other by gossip over UDP.
@NullMarked
package io.ridgeline.topology.gossip;

import org.jspecify.annotations.NullMarked;
