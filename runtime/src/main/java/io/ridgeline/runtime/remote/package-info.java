/// Requests that go to another node, and what protects this one from a node that does not answer.
@NullMarked
package io.ridgeline.runtime.remote;

import org.jspecify.annotations.NullMarked;
