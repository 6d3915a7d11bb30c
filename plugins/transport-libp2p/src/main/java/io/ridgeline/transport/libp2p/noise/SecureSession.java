package io.ridgeline.transport.libp2p.noise;

import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.Optional;

/// What a handshake leads to.
///
/// @param remotePeerId who the peer is, proven
/// @param sending seals what we send
/// @param receiving opens what the peer sends
/// @param muxer the muxer, if the handshake has settled it
public record SecureSession(
        PeerId remotePeerId, CipherState sending, CipherState receiving, Optional<String> muxer) {}
