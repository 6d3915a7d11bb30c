package io.ridgeline.topology.fixed;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The members are those that the configuration lists: `ridgeline.topology.type=static`.
public final class StaticTopologyProvider implements TopologyProvider {
    private static final String MEMBERS = "members";
    private static final String KEY = "ridgeline.topology.static." + MEMBERS;

    /// For [java.util.ServiceLoader].
    public StaticTopologyProvider() {}

    @Override
    public String id() {
        return "static";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return List.of(
                new ConfigKey(
                        MEMBERS,
                        "",
                        "All nodes of the cluster, this one included, as name=address or"
                                + " name=address#identity, separated by commas; empty for this"
                                + " node alone."));
    }

    @Override
    public Topology create(ProviderContext context) {
        return new Fixed(view(context.node(), context.config().text(MEMBERS)));
    }

    private static ClusterView view(NodeId self, String text) {
        if (text.isBlank()) {
            return new ClusterView(self, List.of(new Member(self, "", "", Map.of())));
        }
        List<Member> members = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            members.add(member(part.trim(), text));
        }
        if (members.stream().noneMatch(member -> member.node().equals(self))) {
            throw new ConfigurationException(
                    KEY, text, "a list with this node, " + self + ", in it");
        }
        try {
            return new ClusterView(self, members);
        } catch (IllegalArgumentException e) {
            throw refused(text, e.getMessage(), e);
        }
    }

    private static Member member(String part, String text) {
        int equals = part.indexOf('=');
        int hash = part.indexOf('#', equals + 1);
        if (equals < 1) {
            throw refused(text, "\"" + part + "\" is not one", null);
        }
        String address = part.substring(equals + 1, hash < 0 ? part.length() : hash).trim();
        String identity = hash < 0 ? "" : part.substring(hash + 1).trim();
        if (address.isEmpty()) {
            throw refused(text, "\"" + part + "\" has no address", null);
        }
        try {
            return new Member(
                    new NodeId(part.substring(0, equals).trim()), address, identity, Map.of());
        } catch (IllegalArgumentException e) {
            throw refused(text, e.getMessage(), e);
        }
    }

    private static ConfigurationException refused(
            String text, @Nullable String why, @Nullable Throwable cause) {
        ConfigurationException refusal =
                new ConfigurationException(
                        KEY,
                        text,
                        "name=address or name=address#identity, separated by commas: " + why);
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }

    private record Fixed(ClusterView view) implements Topology {
        @Override
        public void onChange(Consumer<ClusterView> listener) {
            // There never is another view.
        }

        @Override
        public void close() {
            // Nothing to let go of.
        }
    }
}
