/// Translates between protobuf bytes and transactions without objects between them.
@NullMarked
package io.ridgeline.runtime.wire;

import org.jspecify.annotations.NullMarked;
