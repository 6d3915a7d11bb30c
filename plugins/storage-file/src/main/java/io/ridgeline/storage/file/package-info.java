/// Keeps the logs of a node in files.
@NullMarked
package io.ridgeline.storage.file;

import org.jspecify.annotations.NullMarked;
