package io.ridgeline.topology.fixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.tck.TopologyContract;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticTopologyTest extends TopologyContract {
    private static final NodeId A = new NodeId("a");

    @Override
    protected Topology topology(NodeId self) {
        return topology(self, "b=host-b:4001, " + self + "=host-a:4001");
    }

    private static Topology topology(NodeId self, String members) {
        StaticTopologyProvider provider = new StaticTopologyProvider();
        ProviderConfig config =
                new ProviderConfig(
                        "ridgeline.topology.static", provider.keys(), Map.of("members", members));
        return provider.create(
                new ProviderContext(self, Path.of("."), config),
                "ridgeline",
                ProtocolVersions.FIRST,
                Optional.empty());
    }

    @Test
    void withoutMembersIsThisNodeAlone() {
        assertThat(topology(A, " ").view().members())
                .containsExactly(new Member(A, "", "", Map.of()));
    }

    @Test
    void takesAddressesAndIdentities() {
        assertThat(topology(A, "b=/ip4/10.0.0.2/tcp/4001#12D3, a=h:1").view().members())
                .containsExactly(
                        new Member(A, "h:1", "", Map.of()),
                        new Member(new NodeId("b"), "/ip4/10.0.0.2/tcp/4001", "12D3", Map.of()));
    }

    @Test
    void takesAnIdentityThatStandsInTheAddress() {
        assertThat(topology(A, "a=h:1,b=/dns4/h2/tcp/4001/p2p/12D3").view().members())
                .contains(new Member(new NodeId("b"), "/dns4/h2/tcp/4001", "12D3", Map.of()));
    }

    @Test
    void takesLabelsBehindEitherForm() {
        assertThat(topology(A, "a=h:1;zone=z1, b=h:2#12D3 ; zone=z2;rack=7").view().members())
                .containsExactly(
                        new Member(A, "h:1", "", Map.of("zone", "z1")),
                        new Member(
                                new NodeId("b"), "h:2", "12D3", Map.of("rack", "7", "zone", "z2")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "b=h:1",
                "a",
                "a=",
                "=h",
                "a=h,,b=h",
                "a=h,a=i",
                "a=h,b c=h",
                "a=#x",
                "a=h;zone",
                "a=h;",
                "a=h;zone=a;zone=b",
                "a=h;zone=a b",
                "a=/p2p/x",
                "a=h/p2p/x#y"
            })
    void refusesAnythingElse(String members) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> topology(A, members))
                .withMessageContaining("ridgeline.topology.static.members")
                .withMessageContaining(members);
    }

    @Test
    void isFoundByItsId() {
        assertThat(ServiceLoader.load(TopologyProvider.class))
                .extracting(TopologyProvider::id)
                .containsExactly("static");
    }
}
