/// How fast the hot paths are, and what the machine allows: run by hand, never in a build.
@NullMarked
package io.ridgeline.benchmarks;

import org.jspecify.annotations.NullMarked;
