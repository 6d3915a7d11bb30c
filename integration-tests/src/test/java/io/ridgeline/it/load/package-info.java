/// A client process that writes through crashes of its node and keeps a durable diary of it.
@NullMarked
package io.ridgeline.it.load;

import org.jspecify.annotations.NullMarked;
