/// Measures a cluster as its callers see it.
@NullMarked
package io.ridgeline.cli.bench;

import org.jspecify.annotations.NullMarked;
