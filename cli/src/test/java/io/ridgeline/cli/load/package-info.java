/// Tests of reading JSON lines.
@NullMarked
package io.ridgeline.cli.load;

import org.jspecify.annotations.NullMarked;
