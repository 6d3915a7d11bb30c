/// What a node is told by its file, its environment and its command line.
@NullMarked
package io.ridgeline.runtime.config;

import org.jspecify.annotations.NullMarked;
