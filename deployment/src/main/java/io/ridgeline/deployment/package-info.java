/// Settles at build time what is known then: which providers are bundled, and whether they are
/// sound.
@NullMarked
package io.ridgeline.deployment;

import org.jspecify.annotations.NullMarked;
