package io.ridgeline.transport.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultistreamTest {
    private static final String HEADER = "\u0013/multistream/1.0.0\n";

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private void send(ByteBuffer bytes) {
        copy(bytes, sent);
    }

    private static void copy(ByteBuffer bytes, ByteArrayOutputStream to) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        to.writeBytes(copy);
    }

    private String sent() {
        String text = sent.toString(StandardCharsets.ISO_8859_1);
        sent.reset();
        return text;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private MultistreamInitiator proposing(String... ids) {
        MultistreamInitiator initiator = new MultistreamInitiator(List.of(ids), this::send);
        initiator.start();
        return initiator;
    }

    private MultistreamResponder speaking(String... ids) {
        MultistreamResponder responder =
                new MultistreamResponder(Set.of(ids)::contains, this::send);
        responder.start();
        return responder;
    }

    @Test
    void anInitiatorSendsHeaderAndFirstProposalTogether() {
        proposing("/a");

        assertThat(sent()).isEqualTo(HEADER + "\u0003/a\n");
    }

    @Test
    void anInitiatorProposesTheNextAfterEachRefusal() {
        MultistreamInitiator initiator = proposing("/a", "/b");
        sent();

        assertThat(initiator.feed(bytes(HEADER + "\u0003na\n"))).isNull();
        assertThat(sent()).isEqualTo("\u0003/b\n");
        assertThat(initiator.feed(bytes("\u0003/b\n"))).isEqualTo("/b");
    }

    @Test
    void whatComesBehindTheAgreementBelongsToTheProtocol() {
        ByteBuffer in = bytes(HEADER + "\u0003/a\nfirst data");

        assertThat(proposing("/a").feed(in)).isEqualTo("/a");
        assertThat(StandardCharsets.ISO_8859_1.decode(in).toString()).isEqualTo("first data");
    }

    @Test
    void aResponderAnswersInOneGoAndRefusesWhatItDoesNotSpeak() {
        MultistreamResponder responder = speaking("/b");

        assertThat(responder.feed(bytes(HEADER + "\u0003ls\n\u0003/a\n\u0003/b\ndata")))
                .isEqualTo("/b");
        assertThat(sent()).isEqualTo(HEADER + "\u0003na\n\u0003na\n\u0003/b\n");
    }

    @Test
    void aResponderDoesNotWaitForAProposalBeforeItsHeader() {
        assertThat(speaking("/a").feed(bytes(HEADER))).isNull();
        assertThat(sent()).isEqualTo(HEADER);
    }

    @Test
    void bytesMayComeOneByOne() {
        assertThat(feedSingly(speaking("/a"), HEADER + "\u0003/a\n")).isEqualTo("/a");
        assertThat(feedSingly(proposing("/a"), HEADER + "\u0003/a\n")).isEqualTo("/a");
    }

    private static @Nullable String feedSingly(Negotiator negotiator, String text) {
        @Nullable String agreed = null;
        for (int i = 0; i < text.length(); i++) {
            assertThat(agreed).isNull();
            agreed = negotiator.feed(bytes(text.substring(i, i + 1)));
        }
        return agreed;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000",
                "\u0003/a\n",
                "\u0013/multistream/2.0.0\n",
                "\u0013/multistream/1.0.0 ",
                "\u00ff\u00ff\u0003",
                "\u0081\u0008",
                "\u0080\u0000",
                "GET / HTTP/1.1\r\n\r\n and so on until the message is complete, which takes a while"
            })
    void whoDoesNotBeginAsItShouldIsRefused(String text) {
        assertThatThrownBy(() -> speaking("/a").feed(bytes(text)))
                .isInstanceOf(RuntimeException.class)
                .hasMessageNotContaining("null");
        assertThatThrownBy(() -> proposing("/a").feed(bytes(text)))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aResponderGivesUpAfterThirtyTwoRefusals() {
        MultistreamResponder responder = speaking("/a");
        responder.feed(bytes(HEADER + "\u0003/x\n".repeat(32)));

        assertThatThrownBy(() -> responder.feed(bytes("\u0003/x\n")))
                .isInstanceOf(NegotiationException.class);
    }

    @Test
    void anInitiatorGivesUpAfterItsLastProposalAndOnAnswersToNothing() {
        assertThatThrownBy(() -> proposing("/a").feed(bytes(HEADER + "\u0003na\n")))
                .isInstanceOf(NegotiationException.class)
                .hasMessageContaining("/a");
        assertThatThrownBy(() -> proposing("/a").feed(bytes(HEADER + "\u0003/c\n")))
                .isInstanceOf(NegotiationException.class);
    }

    @Test
    void twoSidesAgreeOnTheFirstThatBothSpeak() {
        ByteArrayOutputStream toResponder = new ByteArrayOutputStream();
        ByteArrayOutputStream toInitiator = new ByteArrayOutputStream();
        MultistreamInitiator initiator =
                new MultistreamInitiator(List.of("/x", "/y", "/z"), b -> copy(b, toResponder));
        MultistreamResponder responder =
                new MultistreamResponder(Set.of("/y", "/z")::contains, b -> copy(b, toInitiator));
        initiator.start();
        responder.start();

        @Nullable String ours = null;
        @Nullable String theirs = null;
        while (ours == null) {
            byte[] request = toResponder.toByteArray();
            toResponder.reset();
            theirs = responder.feed(ByteBuffer.wrap(request));
            byte[] answer = toInitiator.toByteArray();
            toInitiator.reset();
            ours = initiator.feed(ByteBuffer.wrap(answer));
        }

        assertThat(ours).isEqualTo("/y").isEqualTo(theirs);
    }
}
