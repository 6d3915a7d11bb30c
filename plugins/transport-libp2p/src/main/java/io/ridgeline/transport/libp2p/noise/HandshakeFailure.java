package io.ridgeline.transport.libp2p.noise;

/// Why a connection did not come to be: one word to count it by.
public enum HandshakeFailure {
    /// No TCP connection, or no address that leads to one.
    UNREACHABLE,
    /// The peer went away in the middle.
    CLOSED,
    /// The peer was too slow.
    TIMEOUT,
    /// No security protocol or muxer in common, or not multistream-select at all.
    NEGOTIATION,
    /// Bytes that do not follow their format.
    MALFORMED,
    /// A message that was not authentic, or a key that is none.
    CRYPTO,
    /// An identity that is missing, or not proven by its signature.
    IDENTITY,
    /// Somebody else than who was dialled.
    WRONG_PEER,
    /// A peer that is not on the allow list.
    NOT_ALLOWED,
    /// Not needed: there is another connection to the peer, or there is about to be.
    DUPLICATE,
    /// A limit of ours.
    OVERLOADED
}
