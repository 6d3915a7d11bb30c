/// Who a node is: its Ed25519 key, the file that keeps it, and what others verify.
@NullMarked
package io.ridgeline.transport.libp2p.identity;

import org.jspecify.annotations.NullMarked;
