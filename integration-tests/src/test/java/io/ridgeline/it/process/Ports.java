package io.ridgeline.it.process;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Free ports of this machine for processes that will listen there, each given out once.
///
/// They lie below those that Linux gives to outgoing connections, from 32,768 on: one of these
/// could take the port before its process does, or while that is down.
public final class Ports {
    private static final int FIRST = 15_000;
    private static final int COUNT = 17_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private Ports() {}

    private interface Listening {
        Closeable at(int port) throws IOException;
    }

    /// {@return a free TCP port of the loopback}
    public static int tcp() {
        return free(port -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    }

    /// {@return a free UDP port of the loopback}
    public static int udp() {
        return free(port -> new DatagramSocket(port, InetAddress.getLoopbackAddress()));
    }

    private static int free(Listening listening) {
        for (int i = 0; i < COUNT; i++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            try (Closeable _ = listening.at(port)) {
                return port;
            } catch (IOException e) {
                // Somebody else's.
            }
        }
        throw new AssertionError("no port is free from " + FIRST + " on");
    }
}
