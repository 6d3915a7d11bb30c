package io.ridgeline.it.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The links between nodes: each node reaches each other one by a port of its own here, so that
/// links can be cut in one direction or both, slowed, and reset.
///
/// A cut link loses nothing that TCP would not send again: bytes wait, in both ends' buffers, until
/// it is whole.
public final class Network implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 * 1024;

    /// What travels from one node to another, whoever dialled.
    private record Direction(int from, int to) {}

    private final Object lock = new Object();
    private final Set<Direction> cut = ConcurrentHashMap.newKeySet();
    private final Map<Direction, Integer> delayMillis = new ConcurrentHashMap<>();
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// {@return the port at which node `from` reaches node `to`, whose own port is given}
    public int link(int from, int to, int port) {
        try {
            ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listeners.add(listener);
            Thread.ofVirtual().start(() -> accept(listener, from, to, port));
            return listener.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Lets nothing through in one direction.
    public void cut(int from, int to) {
        cut.add(new Direction(from, to));
    }

    /// Lets everything in one direction arrive later.
    public void slow(int from, int to, int millis) {
        delayMillis.put(new Direction(from, to), millis);
    }

    /// Makes all links whole and fast again.
    public void heal() {
        synchronized (lock) {
            cut.clear();
            delayMillis.clear();
            lock.notifyAll();
        }
    }

    /// Resets every connection, as a router that forgot its state does.
    public void reset() {
        open.forEach(Network::abort);
    }

    private void accept(ServerSocket listener, int from, int to, int port) {
        while (!closed) {
            try {
                Socket dialler = listener.accept();
                Thread.ofVirtual().start(() -> connect(dialler, from, to, port));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(Socket dialler, int from, int to, int port) {
        try {
            // Nobody hears the far end of a cut link, not even that it refuses.
            awaitOpen(new Direction(from, to));
            Socket target = new Socket();
            target.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
            for (Socket each : new Socket[] {dialler, target}) {
                each.setTcpNoDelay(true);
                open.add(each);
            }
            Thread.ofVirtual().start(() -> pump(dialler, target, new Direction(from, to)));
            Thread.ofVirtual().start(() -> pump(target, dialler, new Direction(to, from)));
        } catch (IOException | InterruptedException e) {
            abort(dialler);
        }
    }

    private void pump(Socket in, Socket out, Direction direction) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            InputStream source = in.getInputStream();
            OutputStream sink = out.getOutputStream();
            for (int length; (length = source.read(chunk)) > 0; ) {
                Integer delay = delayMillis.get(direction);
                if (delay != null) {
                    Thread.sleep(delay);
                }
                awaitOpen(direction);
                sink.write(chunk, 0, length);
            }
            awaitOpen(direction);
        } catch (IOException | InterruptedException e) {
            // The other end learns of it below.
        } finally {
            abort(in);
            abort(out);
            open.remove(in);
            open.remove(out);
        }
    }

    private void awaitOpen(Direction direction) throws InterruptedException {
        synchronized (lock) {
            while (cut.contains(direction) && !closed) {
                lock.wait();
            }
        }
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }

    @Override
    public void close() {
        closed = true;
        heal();
        for (ServerSocket listener : listeners) {
            try {
                listener.close();
            } catch (IOException e) {
                // It is gone already.
            }
        }
        reset();
    }
}
