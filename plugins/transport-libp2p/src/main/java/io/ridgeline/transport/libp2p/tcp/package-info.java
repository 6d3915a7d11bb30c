/// The libp2p stack on TCP: listening, dialling, upgrading and keeping connections, on Netty.
@NullMarked
package io.ridgeline.transport.libp2p.tcp;

import org.jspecify.annotations.NullMarked;
