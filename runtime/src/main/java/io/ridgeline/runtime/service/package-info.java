/// The gRPC services, and errors as statuses.
@NullMarked
package io.ridgeline.runtime.service;

import org.jspecify.annotations.NullMarked;
