/// Health and metrics.
@NullMarked
package io.ridgeline.runtime.observe;

import org.jspecify.annotations.NullMarked;
