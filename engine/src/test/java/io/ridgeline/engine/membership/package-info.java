/// Who counts, and how.
@NullMarked
package io.ridgeline.engine.membership;

import org.jspecify.annotations.NullMarked;
