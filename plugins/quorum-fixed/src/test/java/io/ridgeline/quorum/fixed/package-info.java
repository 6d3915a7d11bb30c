/// The contract, and what is particular to a fixed write quorum.
@NullMarked
package io.ridgeline.quorum.fixed;

import org.jspecify.annotations.NullMarked;
