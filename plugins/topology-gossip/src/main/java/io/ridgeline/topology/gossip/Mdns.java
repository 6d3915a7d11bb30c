package io.ridgeline.topology.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import org.jspecify.annotations.Nullable;

/// Finds other nodes on the local network by multicast DNS. What it finds is a rumour of where to
/// ask, no more: who may join is decided by what members sign.
final class Mdns implements ServiceListener {
    private static final System.Logger LOG = System.getLogger(Mdns.class.getName());
    private static final String TYPE = "_ridgeline._udp.local.";
    private static final String CLUSTER = "cluster";
    private static final int PLACES_MAX = 256;

    private final String cluster;
    private final SortedMap<String, List<HostPort>> found = new TreeMap<>();
    private @Nullable JmDNS jmdns;
    private boolean closed;

    Mdns(String cluster) {
        this.cluster = cluster;
    }

    /// Starts beside the caller, which it would hold up for seconds.
    ///
    /// @param address where this node takes gossip: says on which interface to look, too
    Mdns start(String node, InetAddress address, int port) {
        Thread.ofVirtual().name("gossip-mdns").start(() -> open(node, address, port));
        return this;
    }

    private void open(String node, InetAddress address, int port) {
        try {
            JmDNS opened = JmDNS.create(address, node);
            synchronized (this) {
                jmdns = opened;
            }
            opened.addServiceListener(TYPE, this);
            opened.registerService(
                    ServiceInfo.create(TYPE, node, port, 0, 0, Map.of(CLUSTER, cluster)));
            boolean late;
            synchronized (this) {
                late = closed;
            }
            if (late) {
                opened.close();
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "cannot look for nodes on the local network through "
                            + address.getHostAddress()
                            + "; ridgeline.topology.gossip.seeds still works",
                    e);
        }
    }

    /// {@return where nodes of this cluster take gossip, as far as they were found}
    synchronized List<HostPort> places() {
        List<HostPort> places = new ArrayList<>();
        found.values().forEach(places::addAll);
        return places;
    }

    @Override
    public void serviceAdded(ServiceEvent event) {
        // It is resolved by itself.
    }

    @Override
    public synchronized void serviceRemoved(ServiceEvent event) {
        found.remove(event.getName());
    }

    @Override
    public synchronized void serviceResolved(ServiceEvent event) {
        ServiceInfo info = event.getInfo();
        if (!cluster.equals(info.getPropertyString(CLUSTER)) || found.size() >= PLACES_MAX) {
            return;
        }
        List<HostPort> places = new ArrayList<>();
        for (InetAddress address : info.getInetAddresses()) {
            // A link-local address means nothing without its interface.
            if (!address.isLinkLocalAddress() && info.getPort() > 0) {
                places.add(new HostPort(address.getHostAddress(), info.getPort()));
            }
        }
        found.put(event.getName(), places);
    }

    /// Stops beside the caller: saying good-bye takes seconds.
    synchronized void close() {
        closed = true;
        JmDNS opened = jmdns;
        if (opened != null) {
            jmdns = null;
            Thread.ofPlatform().daemon().name("gossip-mdns-close").start(() -> close(opened));
        }
    }

    private static void close(JmDNS opened) {
        try {
            opened.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing mDNS", e);
        }
    }
}
