/// Runs the engine on Quarkus.
@NullMarked
package io.ridgeline.runtime;

import org.jspecify.annotations.NullMarked;
