/// What clients send and see, and what must hold for what they see.
@NullMarked
package io.ridgeline.it.events;

import org.jspecify.annotations.NullMarked;
