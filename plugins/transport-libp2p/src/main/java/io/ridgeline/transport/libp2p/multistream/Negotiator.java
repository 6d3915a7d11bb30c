package io.ridgeline.transport.libp2p.multistream;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One side of multistream-select 1.0. Fed with what the other side sent, writes to where it was
/// told to; once it has answered with a protocol, what is left in the buffer belongs to that.
public sealed interface Negotiator permits MultistreamInitiator, MultistreamResponder {
    /// What both sides say first.
    String HEADER = "/multistream/1.0.0";

    /// The answer to a proposal that is not spoken.
    String NOT_AVAILABLE = "na";

    /// Sends what need not wait for the other side.
    void start();

    /// {@return the protocol agreed on, or null as long as there is none}
    ///
    /// @throws NegotiationException if there will be none
    /// @throws MalformedException if what came is not multistream-select
    @Nullable String feed(ByteBuffer in);
}
