package io.ridgeline.transport.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The side that chooses: echoes a proposal that it speaks, answers `na` to all others, `ls`
/// included.
public final class MultistreamResponder implements Negotiator {
    private static final int REFUSALS_MAX = 32;

    private final MultistreamDecoder decoder = new MultistreamDecoder();
    private final Predicate<String> speaks;
    private final Consumer<ByteBuffer> out;
    private boolean headerSeen;
    private int refusals;

    /// @param speaks which protocol ids are accepted
    /// @param out where to send
    public MultistreamResponder(Predicate<String> speaks, Consumer<ByteBuffer> out) {
        this.speaks = speaks;
        this.out = out;
    }

    /// Nothing yet: the header leaves with the first answer.
    @Override
    public void start() {}

    @Override
    public @Nullable String feed(ByteBuffer in) {
        for (String text = decoder.next(in); text != null; text = decoder.next(in)) {
            if (!headerSeen) {
                if (!text.equals(HEADER)) {
                    throw new NegotiationException("the peer does not begin with " + HEADER);
                }
                headerSeen = true;
                // At once: the initiator may wait for it before it proposes.
                send(HEADER);
            } else if (speaks.test(text)) {
                send(text);
                return text;
            } else if (refusals++ == REFUSALS_MAX) {
                throw new NegotiationException("more than " + REFUSALS_MAX + " refused proposals");
            } else {
                send(NOT_AVAILABLE);
            }
        }
        return null;
    }

    private void send(String text) {
        out.accept(ByteBuffer.wrap(MultistreamDecoder.encode(text)));
    }
}
