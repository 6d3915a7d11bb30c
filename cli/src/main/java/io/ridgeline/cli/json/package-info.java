/// Events as JSON lines, and values as people read them.
@NullMarked
package io.ridgeline.cli.json;

import org.jspecify.annotations.NullMarked;
