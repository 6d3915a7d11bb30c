package io.ridgeline.transport.none;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportProvider;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Two nodes, which the transport's contract is about, this transport cannot have.
class NoTransportTest {
    private static final NodeId A = new NodeId("a");

    private static Transport transport(String... nodes) {
        List<Member> members =
                Stream.of(nodes)
                        .map(node -> new Member(new NodeId(node), "", "", Map.of()))
                        .toList();
        ProviderConfig config = new ProviderConfig("ridgeline.transport.none", List.of(), Map.of());
        return new NoTransportProvider()
                .create(
                        new ProviderContext(A, Path.of("."), config),
                        new Fixed(new ClusterView(A, members)));
    }

    private record Fixed(ClusterView view) implements Topology {
        @Override
        public void onChange(Consumer<ClusterView> listener) {
            // Never.
        }

        @Override
        public void close() {
            // Nothing.
        }
    }

    @Test
    void reachesNobody() {
        try (Transport transport = transport("a")) {
            assertThat(transport.send(new NodeId("b"), Lane.CONTROL, ByteBuffer.allocate(1)))
                    .isFalse();
            transport.flush();
            ByteBuffer large = ByteBuffer.allocate(transport.messageBytesMax() + 1);
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> transport.send(A, Lane.BULK, large));
        }
    }

    @Test
    void isRefusedIfThereIsSomebody() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> transport("a", "b"))
                .withMessageContaining("ridgeline.transport.type");
    }

    @Test
    void isFoundByItsId() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .extracting(TransportProvider::id)
                .containsExactly("none");
    }
}
