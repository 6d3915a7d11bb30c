/// Quorums with a write quorum that is given.
@NullMarked
package io.ridgeline.quorum.fixed;

import org.jspecify.annotations.NullMarked;
