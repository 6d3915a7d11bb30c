/// `ridgeline dev`: a cluster of node processes on this machine.
@NullMarked
package io.ridgeline.server.dev;

import org.jspecify.annotations.NullMarked;
