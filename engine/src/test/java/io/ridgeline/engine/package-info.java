/// The protocol's rules as tests, and the doubles that they need.
@NullMarked
package io.ridgeline.engine;

import org.jspecify.annotations.NullMarked;
