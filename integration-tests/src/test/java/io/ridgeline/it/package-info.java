/// What a node promises to the outside, shown on real processes, sockets and disks.
@NullMarked
package io.ridgeline.it;

import org.jspecify.annotations.NullMarked;
