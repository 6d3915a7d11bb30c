/// The format of the log's files: segments of batches of records.
@NullMarked
package io.ridgeline.storage.file.segment;

import org.jspecify.annotations.NullMarked;
