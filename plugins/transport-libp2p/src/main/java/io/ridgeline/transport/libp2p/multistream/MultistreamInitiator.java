package io.ridgeline.transport.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The side that proposes: header and first proposal in one go, the next proposal after each
/// refusal.
public final class MultistreamInitiator implements Negotiator {
    private final MultistreamDecoder decoder = new MultistreamDecoder();
    private final Deque<String> proposals;
    private final Consumer<ByteBuffer> out;
    private boolean headerSeen;

    /// @param proposals protocol ids, the preferred one first
    /// @param out where to send
    public MultistreamInitiator(Collection<String> proposals, Consumer<ByteBuffer> out) {
        if (proposals.isEmpty()) {
            throw new IllegalArgumentException("nothing to propose");
        }
        this.proposals = new ArrayDeque<>(proposals);
        this.out = out;
    }

    @Override
    public void start() {
        byte[] header = MultistreamDecoder.encode(HEADER);
        byte[] proposal = MultistreamDecoder.encode(proposals.getFirst());
        out.accept(
                ByteBuffer.allocate(header.length + proposal.length)
                        .put(header)
                        .put(proposal)
                        .flip());
    }

    @Override
    public @Nullable String feed(ByteBuffer in) {
        for (String text = decoder.next(in); text != null; text = decoder.next(in)) {
            if (!headerSeen) {
                if (!text.equals(HEADER)) {
                    throw new NegotiationException("the peer does not begin with " + HEADER);
                }
                headerSeen = true;
            } else if (text.equals(proposals.getFirst())) {
                return text;
            } else if (text.equals(NOT_AVAILABLE)) {
                proposeNext();
            } else {
                throw new NegotiationException(
                        "the peer answered \"" + text + "\" to " + proposals.getFirst());
            }
        }
        return null;
    }

    private void proposeNext() {
        String refused = proposals.removeFirst();
        if (proposals.isEmpty()) {
            throw new NegotiationException("the peer does not speak " + refused);
        }
        out.accept(ByteBuffer.wrap(MultistreamDecoder.encode(proposals.getFirst())));
    }
}
