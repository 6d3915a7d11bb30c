/// What shards say to each other, and how it is encoded.
@NullMarked
package io.ridgeline.engine.message;

import org.jspecify.annotations.NullMarked;
