package io.ridgeline.topology.gossip;

import java.util.regex.Pattern;

/// Where datagrams go: a name or a literal address, and a UDP port. A name stays one: it is looked
/// up when it is used, since machines that keep their name may get another address.
record HostPort(String host, int port) {
    private static final int PORT_MAX = 65_535;
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,253}");

    HostPort {
        if (!HOST.matcher(host).matches() || port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("not a host and a port: " + host + ", " + port);
        }
    }

    /// {@return host and port of `host:port` or `[host]:port`}
    ///
    /// @throws IllegalArgumentException if it is none
    static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("no port in " + text);
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address without brackets: " + text);
        }
        return new HostPort(host, Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
