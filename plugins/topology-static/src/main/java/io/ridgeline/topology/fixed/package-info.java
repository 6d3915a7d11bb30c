/// Members that the configuration lists.
@NullMarked
package io.ridgeline.topology.fixed;

import org.jspecify.annotations.NullMarked;
