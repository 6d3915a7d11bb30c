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
import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
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
    private static final String OTHER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

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
    void lendsItsIdentityBeforeThereIsATransport() {
        ProviderContext context = context(Map.of("listen", "127.0.0.1:4001"));

        Credentials credentials = provider.credentials(context).orElseThrow();

        assertThat(provider.identity(context)).contains(credentials.self());
        byte[] message = {1, 2, 3};
        String identity = credentials.self().identity();
        byte[] signature = credentials.sign("test", message);
        assertThat(credentials.verify(identity, "test", message, signature)).isTrue();
        assertThat(credentials.verify(identity, "tes", message, signature)).isFalse();
        assertThat(credentials.verify(identity, "test", new byte[] {1, 2}, signature)).isFalse();
        assertThat(credentials.verify(identity, "test", message, new byte[64])).isFalse();
        assertThat(credentials.verify(identity, "test", message, new byte[0])).isFalse();
        assertThat(credentials.verify("nobody", "test", message, signature)).isFalse();
        assertThat(credentials.verify(OTHER, "test", message, signature)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "/ip4/10.0.0.1/tcp/4001,true",
        "/dns4/db1.example.org/tcp/4001/p2p/" + OTHER + ",true",
        "/ip4/10.0.0.1/tcp/0,false",
        "/ip4/10.0.0.1/udp/4001,false",
        "10.0.0.1:4001,false",
        "'',false"
    })
    void saysWhichAddressesItCanReach(String address, boolean reachable) {
        Credentials credentials = provider.credentials(context(Map.of())).orElseThrow();
        String self = credentials.self().identity();
        assertThat(credentials.canReach(OTHER, address)).isEqualTo(reachable);
        assertThat(credentials.canReach("nobody", address)).isFalse();
        assertThat(credentials.canReach(self, "/ip4/10.0.0.1/tcp/1/p2p/" + OTHER)).isFalse();
        assertThat(credentials.canReach(PeerId.parse(self).toCid(), "/ip4/10.0.0.1/tcp/1"))
                .as("the other form of the same identity")
                .isFalse();
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
