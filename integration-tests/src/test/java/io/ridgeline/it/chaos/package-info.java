/// A cluster of node processes, its clients, and what makes life hard for both; and what was
/// promised, held against what was seen.
@NullMarked
package io.ridgeline.it.chaos;

import org.jspecify.annotations.NullMarked;
