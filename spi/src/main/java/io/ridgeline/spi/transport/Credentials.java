package io.ridgeline.spi.transport;

/// What a transport knows its node by, lent to a topology, which has to tell members apart before
/// there is a transport: the transport takes its peers from the topology. Any thread may call it.
public interface Credentials {

    /// {@return what the peers of this node need to know of it}
    TransportIdentity self();

    /// Signs as this node.
    ///
    /// @param purpose what the message is, in the words of who calls; the signature holds for no
    ///   other purpose, and for nothing that the transport signs itself
    byte[] sign(String purpose, byte[] message);

    /// {@return whether the owner of that identity signed the message for that purpose; `false` for
    /// what is no identity or no signature at all}
    ///
    /// Takes some tenths of a millisecond.
    boolean verify(String identity, String purpose, byte[] message, byte[] signature);

    /// {@return whether a member with this identity and address is one that the transport can make
    /// something of; says nothing about whether anybody is there}
    boolean canReach(String identity, String address);
}
