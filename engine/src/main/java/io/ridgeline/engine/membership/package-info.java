/// Who counts: the configurations that a partition's log names, and the arithmetic of quorums.
@NullMarked
package io.ridgeline.engine.membership;

import org.jspecify.annotations.NullMarked;
