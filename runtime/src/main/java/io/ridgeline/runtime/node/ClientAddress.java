package io.ridgeline.runtime.node;

import io.ridgeline.runtime.config.RidgelineConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Where clients reach this node.
final class ClientAddress {
    private ClientAddress() {}

    /// {@return host:port, as configured or else as listened on}
    static String of(RidgelineConfig config) {
        return config.advertise().orElseGet(() -> withPort(host(config.host()), config.port()));
    }

    private static String withPort(String host, int port) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    private static String host(String listened) {
        try {
            return InetAddress.getByName(listened).isAnyLocalAddress()
                    ? InetAddress.getLocalHost().getHostName()
                    : listened;
        } catch (UnknownHostException e) {
            // It can be listened on, so it is good for something; who needs more sets the key.
            return listened;
        }
    }
}
