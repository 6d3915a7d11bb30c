/// Reads and subscriptions: pages of confirmed events, sent as fast as the caller takes them.
@NullMarked
package io.ridgeline.runtime.read;

import org.jspecify.annotations.NullMarked;
