package io.ridgeline.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.SpiVersion;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Libp2pTransportProviderTest {
    private static final NodeId A = new NodeId("a");

    @TempDir Path folder;

    private final Libp2pTransportProvider provider = new Libp2pTransportProvider();

    private ProviderContext context(Map<String, String> given) {
        return new ProviderContext(
                A,
                folder,
                new ProviderConfig("ridgeline.transport.libp2p", provider.keys(), given));
    }

    private record Alone(ClusterView view) implements Topology {
        static Alone with(String identity) {
            Member self = new Member(A, "/ip4/127.0.0.1/tcp/1", identity, Map.of());
            return new Alone(new ClusterView(A, List.of(self)));
        }

        @Override
        public void onChange(Consumer<ClusterView> listener) {}

        @Override
        public void close() {}
    }

    @Test
    void isFoundAndNamesItsContract() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .singleElement()
                .isInstanceOf(Libp2pTransportProvider.class);
        assertThat(provider.id()).isEqualTo("libp2p");
        assertThat(provider.spiMajor()).isEqualTo(SpiVersion.MAJOR);
    }

    @Test
    void makesTheIdentityAtTheFirstStartAndKeepsIt() throws Exception {
        ProviderContext context = context(Map.of("listen", "127.0.0.1:0"));
        Transport first = provider.create(context, Alone.with(""));
        first.close();
        TransportIdentity identity = provider.identity(context).orElseThrow();

        Transport second = provider.create(context, Alone.with(identity.identity()));
        second.close();

        assertThat(folder.resolve("transport-libp2p").resolve("identity.key")).isRegularFile();
        assertThat(provider.identity(context)).contains(identity);
    }

    @Test
    void makesAnIdentityBeforeTheFirstStartAndOnlyOne() throws Exception {
        ProviderContext context = context(Map.of("listen", "127.0.0.1:4001"));
        assertThat(provider.identity(context)).isEmpty();

        TransportIdentity created = provider.createIdentity(context);

        assertThat(created.addresses())
                .containsExactly("/ip4/127.0.0.1/tcp/4001/p2p/" + created.identity());
        assertThat(provider.identity(context)).contains(created);
        assertThatThrownBy(() -> provider.createIdentity(context))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("identity.key exists already");
    }

    @Test
    void refusesAnIdentityThatCannotBeTrusted() throws Exception {
        Path file = folder.resolve("key");
        Files.writeString(file, "not a key");
        ProviderContext context = context(Map.of("identity-file", file.toString()));

        assertThatThrownBy(() -> provider.create(context, Alone.with("")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "listen,4001",
        "listen,localhost:port",
        "listen,no-such-host.invalid:1",
        "listen,127.0.0.1:65536",
        "queue-size,1K",
        "queue-size,much",
        "connect-timeout,0.5",
        "handshake-timeout,soon",
        "connections-max,0",
        "threads,-1"
    })
    void refusesValuesThatMakeNoSense(String key, String value) {
        assertThatThrownBy(() -> provider.create(context(Map.of(key, value)), Alone.with("")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ridgeline.transport.libp2p." + key)
                .hasMessageContaining(value);
    }
}
