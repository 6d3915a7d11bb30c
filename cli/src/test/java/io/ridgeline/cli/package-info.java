/// Tests of the commands.
@NullMarked
package io.ridgeline.cli;

import org.jspecify.annotations.NullMarked;
