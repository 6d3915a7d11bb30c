/// One partition's replica: its log, its roles, and what each of them does.
@NullMarked
package io.ridgeline.engine.replica;

import org.jspecify.annotations.NullMarked;
