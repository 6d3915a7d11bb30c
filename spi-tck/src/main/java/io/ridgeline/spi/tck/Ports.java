package io.ridgeline.spi.tck;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Free ports of this machine for those who will listen there, each given out once in a process.
///
/// They lie below those that Linux gives to outgoing connections, from 32,768 on: one of these
/// could take the port before its owner does, or while that is down.
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
        return tcp(1);
    }

    /// {@return the first of so many free TCP ports of the loopback in a row}
    public static int tcp(int count) {
        return free(count, port -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    }

    /// {@return a free UDP port of the loopback}
    public static int udp() {
        return free(1, port -> new DatagramSocket(port, InetAddress.getLoopbackAddress()));
    }

    private static int free(int count, Listening listening) {
        for (int i = 0; i < COUNT; i++) {
            int first = FIRST + Math.floorMod(NEXT.getAndAdd(count), COUNT);
            if (IntStream.range(first, first + count).allMatch(port -> isFree(port, listening))) {
                return first;
            }
        }
        throw new AssertionError("no port is free from " + FIRST + " on");
    }

    private static boolean isFree(int port, Listening listening) {
        try (Closeable _ = listening.at(port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
