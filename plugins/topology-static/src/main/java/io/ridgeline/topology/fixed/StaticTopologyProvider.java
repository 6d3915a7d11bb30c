package io.ridgeline.topology.fixed;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import io.ridgeline.spi.transport.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The members are those that the configuration lists: `ridgeline.topology.type=static`.
public final class StaticTopologyProvider implements TopologyProvider {
    private static final String MEMBERS = "members";
    private static final String IDENTITY_IN_ADDRESS = "/p2p/";
    private static final Pattern LABEL =
            Pattern.compile("([a-z][a-z0-9-]*)=([A-Za-z0-9._-]{1,63})");
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
                        "All nodes of the cluster, this one included, separated by commas, each"
                                + " name=address, name=address#identity, or an address that names"
                                + " the identity itself, such as /dns4/db1/tcp/4001/p2p/12D3K…;"
                                + " then labels, such as ;zone=a. Empty for this node alone."));
    }

    @Override
    public Topology create(
            ProviderContext context,
            String cluster,
            ProtocolVersions versions,
            Optional<Credentials> credentials) {
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
        String[] pieces = part.split(";", -1);
        String place = pieces[0];
        int equals = place.indexOf('=');
        int hash = place.indexOf('#', equals + 1);
        if (equals < 1) {
            throw refused(text, "\"" + part + "\" is not one", null);
        }
        String address = place.substring(equals + 1, hash < 0 ? place.length() : hash).trim();
        String identity = hash < 0 ? "" : place.substring(hash + 1).trim();
        int inAddress = address.lastIndexOf(IDENTITY_IN_ADDRESS);
        if (inAddress >= 0) {
            String named = address.substring(inAddress + IDENTITY_IN_ADDRESS.length());
            if (!identity.isEmpty() && !identity.equals(named)) {
                throw refused(text, "\"" + part + "\" has two identities", null);
            }
            identity = named;
            address = address.substring(0, inAddress);
        }
        if (address.isEmpty()) {
            throw refused(text, "\"" + part + "\" has no address", null);
        }
        try {
            return new Member(
                    new NodeId(place.substring(0, equals).trim()),
                    address,
                    identity,
                    labels(List.of(pieces).subList(1, pieces.length), text));
        } catch (IllegalArgumentException e) {
            throw refused(text, e.getMessage(), e);
        }
    }

    private static Map<String, String> labels(List<String> pieces, String text) {
        Map<String, String> labels = new TreeMap<>();
        for (String piece : pieces) {
            Matcher label = LABEL.matcher(piece.trim());
            if (!label.matches()) {
                throw refused(text, "\"" + piece + "\" is no label such as zone=a", null);
            }
            if (labels.put(label.group(1), label.group(2)) != null) {
                throw refused(text, "label " + label.group(1) + " is there twice", null);
            }
        }
        return labels;
    }

    private static ConfigurationException refused(
            String text, @Nullable String why, @Nullable Throwable cause) {
        ConfigurationException refusal =
                new ConfigurationException(
                        KEY,
                        text,
                        "name=address, name=address#identity, either with labels such as ;zone=a,"
                                + " separated by commas: "
                                + why);
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
