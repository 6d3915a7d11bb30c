/// Quorums of more than half.
@NullMarked
package io.ridgeline.quorum.majority;

import org.jspecify.annotations.NullMarked;
