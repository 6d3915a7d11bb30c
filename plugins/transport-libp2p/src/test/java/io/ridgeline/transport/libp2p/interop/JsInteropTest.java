package io.ridgeline.transport.libp2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.identify.IdentifyService;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.tcp.PeerContract;
import io.ridgeline.transport.libp2p.tcp.TestHost;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// js-libp2p dials us, and we dial js-libp2p: the stack is libp2p, not our reading of it.
@Timeout(value = 150, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JsInteropTest {
    private static JsNode js;
    private static TestHost ours;

    @BeforeAll
    static void start() throws Exception {
        js = JsNode.start();
        ours = new TestHost();
    }

    @AfterAll
    static void stop() {
        if (ours != null) {
            ours.close();
        }
        if (js != null) {
            js.close();
        }
    }

    private static PeerId jsPeer() {
        return js.address().peerId().orElseThrow();
    }

    @Nested
    class WhenWeDial extends PeerContract {
        @Override
        protected P2pHost host() {
            return ours.host();
        }

        @Override
        protected P2pConnection connection() {
            return ours.connect(jsPeer(), js.address());
        }

        @Override
        protected IdentifyService identify() {
            return ours.identify();
        }

        @Test
        void aWrongPeerIdIsRefused() {
            PeerId other = IdentityKey.generate().peerId();

            assertThatThrownBy(() -> ours.connect(other, js.address()))
                    .hasMessageContaining("WRONG_PEER");
        }
    }

    @Test
    void whenItDialsEverythingWorks() {
        try (TestHost dialled = new TestHost()) {
            List<String> results =
                    js.run(
                            dialled.address(),
                            dialled.address().withPeerId(IdentityKey.generate().peerId()));

            assertThat(results.getLast()).isEqualTo("{\"done\":true}");
            assertThat(results).hasSize(10);
            assertThat(results.subList(0, 9)).allMatch(line -> line.contains("\"ok\":true"));
        }
    }
}
