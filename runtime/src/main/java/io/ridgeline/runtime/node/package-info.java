/// The life of a node: what it remembers of its cluster, its start and its end.
@NullMarked
package io.ridgeline.runtime.node;

import org.jspecify.annotations.NullMarked;
