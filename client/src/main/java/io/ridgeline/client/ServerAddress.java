package io.ridgeline.client;

/// Checks `HOST:PORT`.
final class ServerAddress {
    private static final int PORT_MAX = 65_535;

    private ServerAddress() {}

    static String check(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "" : address.substring(0, colon);
        boolean bare = host.indexOf(':') >= 0 && !(host.startsWith("[") && host.endsWith("]"));
        if (host.isEmpty() || bare || !isPort(address.substring(colon + 1))) {
            throw new IllegalArgumentException(
                    "not a server (HOST:PORT, or [IPv6]:PORT): '" + address + "'");
        }
        return address;
    }

    private static boolean isPort(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 0 && port <= PORT_MAX;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
