/// Tests of what a replica is made of.
@NullMarked
package io.ridgeline.engine.replica;

import org.jspecify.annotations.NullMarked;
