/// How messages are encoded.
@NullMarked
package io.ridgeline.engine.message;

import org.jspecify.annotations.NullMarked;
