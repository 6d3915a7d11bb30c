/// What plugins implement: the version of the contracts, and the values that all of them share.
@NullMarked
package io.ridgeline.spi;

import org.jspecify.annotations.NullMarked;
