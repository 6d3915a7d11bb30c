/// The seam between the storage and the disk: the real one, and one in memory that fails on demand.
@NullMarked
package io.ridgeline.storage.file.disk;

import org.jspecify.annotations.NullMarked;
