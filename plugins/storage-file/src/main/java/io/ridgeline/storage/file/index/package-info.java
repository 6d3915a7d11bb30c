/// What finds entries: rows and tables in memory for the end of the log, immutable sorted runs for
/// what is confirmed.
@NullMarked
package io.ridgeline.storage.file.index;

import org.jspecify.annotations.NullMarked;
