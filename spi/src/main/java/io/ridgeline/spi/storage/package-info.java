/// The storage contract: replicated logs, grouped in buckets that share a writer and an fsync.
@NullMarked
package io.ridgeline.spi.storage;

import org.jspecify.annotations.NullMarked;
