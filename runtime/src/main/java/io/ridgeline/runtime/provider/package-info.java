/// Finds the plugins of a node: bundled ones and those of its providers folder.
@NullMarked
package io.ridgeline.runtime.provider;

import org.jspecify.annotations.NullMarked;
