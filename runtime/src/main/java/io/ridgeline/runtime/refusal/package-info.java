/// Why a request is not done, as clients see it.
@NullMarked
package io.ridgeline.runtime.refusal;

import org.jspecify.annotations.NullMarked;
