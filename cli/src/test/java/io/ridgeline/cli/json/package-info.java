/// Tests of the JSON that is printed.
@NullMarked
package io.ridgeline.cli.json;

import org.jspecify.annotations.NullMarked;
