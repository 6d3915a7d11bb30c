/// What a node knows of others.
@NullMarked
package io.ridgeline.engine.node;

import org.jspecify.annotations.NullMarked;
