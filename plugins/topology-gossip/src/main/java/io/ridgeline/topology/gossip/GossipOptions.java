package io.ridgeline.topology.gossip;

import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is configured below `ridgeline.topology.gossip`.
///
/// @param listen where datagrams are taken
/// @param advertise where others reach the transport, in its notation; empty for where it listens
/// @param advertiseGossip where others send datagrams; null for where they are taken
/// @param seeds where to ask first
/// @param mdns whether to look for others on the local network
/// @param allow who may join
/// @param key null without one
/// @param labels of this node
/// @param founders how many members found the cluster; 0 if this node is to join one
/// @param interval between two exchanges
/// @param suspectAfter so long a silence
record GossipOptions(
        HostPort listen,
        String advertise,
        @Nullable HostPort advertiseGossip,
        List<HostPort> seeds,
        boolean mdns,
        AllowList allow,
        @Nullable ClusterKey key,
        SortedMap<String, String> labels,
        int founders,
        Duration interval,
        Duration suspectAfter) {
    /// The keys, for the provider.
    static final List<ConfigKey> KEYS =
            List.of(
                    new ConfigKey(
                            "listen",
                            "0.0.0.0:4002",
                            "Where to take gossip of other nodes, UDP, host:port."),
                    new ConfigKey(
                            "advertise-gossip",
                            "",
                            "Where other nodes send gossip, host:port, if not where it is taken."),
                    new ConfigKey(
                            "advertise",
                            "",
                            "Where other nodes reach the transport, in its notation, such as"
                                    + " /dns4/db1/tcp/4001, if not where it listens."),
                    new ConfigKey(
                            "seeds",
                            "",
                            "Where to ask for members at first, host:port,…; not needed once some"
                                    + " are known."),
                    new ConfigKey(
                            "mdns", "false", "Whether to look for nodes on the local network."),
                    new ConfigKey(
                            "allow",
                            "",
                            "Who may join, name=identity,…; empty for everybody who has the"
                                    + " cluster key."),
                    new ConfigKey(
                            "cluster-key-file",
                            "",
                            "A file with at least 32 random bytes in base64, the same on all"
                                    + " nodes, readable by its owner only."),
                    new ConfigKey(
                            "labels",
                            "",
                            "Placement labels of this node, such as zone=a,rack=7; settled when"
                                    + " the cluster is founded."),
                    new ConfigKey(
                            "founders",
                            "0",
                            "How many nodes found the cluster, the same on all of them, up to 64;"
                                    + " 0 for a node that joins later."),
                    new ConfigKey("interval", "1s", "Time between two exchanges, 50ms to 1m."),
                    new ConfigKey(
                            "suspect-after",
                            "10s",
                            "Silence after which a member is suspect; at least three"
                                    + " intervals."));

    private static final String PREFIX = "ridgeline.topology.gossip.";
    private static final String PLACE = "host:port, such as db1.example.org:4002";
    private static final int FOUNDERS_MAX = 64;
    private static final Pattern LABEL =
            Pattern.compile("([a-z][a-z0-9-]{0,62})=([A-Za-z0-9._-]{1,63})");

    GossipOptions {
        seeds = List.copyOf(seeds);
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    /// Reads them.
    ///
    /// @throws ConfigurationException for what cannot be used
    static GossipOptions of(ProviderConfig config) {
        AllowList allow =
                parsed(config, "allow", "name=identity, separated by commas", AllowList::parse);
        ClusterKey key = key(config);
        if (allow.isEmpty() && key == null) {
            throw new ConfigurationException(
                    "anybody could join the cluster: set "
                            + PREFIX
                            + "allow to the names and identities of the nodes, or "
                            + PREFIX
                            + "cluster-key-file to a file with a secret that they share");
        }
        String advertised = config.text("advertise-gossip");
        Duration interval = config.duration("interval");
        if (interval.compareTo(Duration.ofMillis(50)) < 0
                || interval.compareTo(Duration.ofMinutes(1)) > 0) {
            throw refused(config, "interval", "50ms to 1m", null);
        }
        Duration suspectAfter = config.duration("suspect-after");
        if (suspectAfter.compareTo(interval.multipliedBy(3)) < 0) {
            throw refused(
                    config, "suspect-after", "at least three times " + PREFIX + "interval", null);
        }
        return new GossipOptions(
                parsed(config, "listen", PLACE, HostPort::parse),
                config.text("advertise").trim(),
                advertised.isBlank()
                        ? null
                        : parsed(config, "advertise-gossip", PLACE, GossipOptions::reachable),
                parsed(config, "seeds", PLACE + ", separated by commas", GossipOptions::seeds),
                config.flag("mdns"),
                allow,
                key,
                parsed(config, "labels", "labels such as zone=a,rack=7", GossipOptions::labels),
                (int) config.number("founders", 0, FOUNDERS_MAX),
                interval,
                suspectAfter);
    }

    private static @Nullable ClusterKey key(ProviderConfig config) {
        String file = config.text("cluster-key-file");
        if (file.isBlank()) {
            return null;
        }
        try {
            return ClusterKey.load(Path.of(file));
        } catch (IOException e) {
            throw refused(
                    config,
                    "cluster-key-file",
                    "a file with the cluster key: " + e.getMessage(),
                    e);
        }
    }

    private static HostPort reachable(String text) {
        HostPort place = HostPort.parse(text.trim());
        if (place.port() == 0) {
            throw new IllegalArgumentException("port 0 cannot be reached");
        }
        return place;
    }

    private static List<HostPort> seeds(String text) {
        List<HostPort> seeds = new ArrayList<>();
        if (!text.isBlank()) {
            for (String part : text.split(",", -1)) {
                seeds.add(reachable(part));
            }
        }
        return seeds;
    }

    private static SortedMap<String, String> labels(String text) {
        SortedMap<String, String> labels = new TreeMap<>();
        if (!text.isBlank()) {
            for (String part : text.split(",", -1)) {
                Matcher label = LABEL.matcher(part.trim());
                if (!label.matches()) {
                    throw new IllegalArgumentException("\"" + part + "\" is no label");
                }
                if (labels.put(label.group(1), label.group(2)) != null) {
                    throw new IllegalArgumentException(label.group(1) + " is there twice");
                }
            }
        }
        return labels;
    }

    private static <T> T parsed(
            ProviderConfig config, String name, String expected, Function<String, T> parser) {
        try {
            return parser.apply(config.text(name).trim());
        } catch (IllegalArgumentException e) {
            throw refused(config, name, expected + " (" + e.getMessage() + ")", e);
        }
    }

    private static ConfigurationException refused(
            ProviderConfig config, String name, String expected, @Nullable Exception cause) {
        ConfigurationException refusal =
                new ConfigurationException(PREFIX + name, config.text(name), expected);
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }
}
