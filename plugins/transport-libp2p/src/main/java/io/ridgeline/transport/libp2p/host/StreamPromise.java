package io.ridgeline.transport.libp2p.host;

import java.util.concurrent.CompletableFuture;

/// A stream in the making.
///
/// @param stream completes when the protocol is agreed on
/// @param controller completes when the protocol is ready; fails when the stream does
public record StreamPromise<C>(
        CompletableFuture<P2pStream> stream, CompletableFuture<C> controller) {}
