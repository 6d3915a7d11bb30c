/// A small event store in memory behind the real gRPC API, for tests of the client and of what is
/// built on it.
@NullMarked
package io.ridgeline.client.fake;

import org.jspecify.annotations.NullMarked;
