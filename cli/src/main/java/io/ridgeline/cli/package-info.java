/// The `ridgeline` command: what its arguments mean and what it prints.
@NullMarked
package io.ridgeline.cli;

import org.jspecify.annotations.NullMarked;
