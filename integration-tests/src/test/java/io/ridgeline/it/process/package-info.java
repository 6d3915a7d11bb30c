/// Nodes and commands as processes of their own, started, killed and questioned.
@NullMarked
package io.ridgeline.it.process;

import org.jspecify.annotations.NullMarked;
