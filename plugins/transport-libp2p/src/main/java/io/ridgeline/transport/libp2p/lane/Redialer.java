package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps connections to the peers it watches: dials those that are not connected, again and again,
/// with pauses that double and are drawn at random, so that many nodes do not come back at once.
final class Redialer {
    /// A connection that ends sooner was refused rather than lost.
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final class Watched {
        final List<Multiaddr> addresses;
        int attempts;
        boolean waiting;
        long connectedAtNanos;

        Watched(List<Multiaddr> addresses) {
            this.addresses = addresses;
        }
    }

    private final P2pHost host;
    private final ScheduledExecutorService timer;
    private final long minNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    private final Map<PeerId, Watched> watched = new TreeMap<>();

    Redialer(
            P2pHost host,
            ScheduledExecutorService timer,
            Duration min,
            Duration max,
            RandomGenerator random) {
        this.host = host;
        this.timer = timer;
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /// Connects to a peer and stays connected.
    synchronized void watch(PeerId peer, List<Multiaddr> addresses) {
        Watched state = new Watched(addresses);
        watched.put(peer, state);
        // Both sides start at the same time in a new cluster: one lets the other go first.
        boolean first = host.peerId().compareTo(peer) < 0;
        schedule(peer, state, first ? 0 : pauseNanos(state));
    }

    synchronized void unwatch(PeerId peer) {
        watched.remove(peer);
    }

    synchronized void onOpened(PeerId peer) {
        Watched state = watched.get(peer);
        if (state != null) {
            state.connectedAtNanos = System.nanoTime();
        }
    }

    synchronized void onClosed(PeerId peer) {
        Watched state = watched.get(peer);
        if (state == null || host.connection(peer).isPresent()) {
            return;
        }
        if (System.nanoTime() - state.connectedAtNanos > STABLE_NANOS) {
            state.attempts = 0;
        }
        schedule(peer, state, pauseNanos(state));
    }

    /// {@return half to all of a pause that doubles with each attempt}
    private long pauseNanos(Watched state) {
        long full = minNanos << Math.min(state.attempts, 20);
        long bounded = full <= 0 || full > maxNanos ? maxNanos : full;
        state.attempts++;
        return bounded / 2 + random.nextLong(bounded / 2 + 1);
    }

    private void schedule(PeerId peer, Watched state, long nanos) {
        if (state.waiting) {
            return;
        }
        state.waiting = true;
        try {
            var _ = timer.schedule(() -> dial(peer, state), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The transport has been closed.
        }
    }

    private void dial(PeerId peer, Watched state) {
        synchronized (this) {
            state.waiting = false;
            if (!state.equals(watched.get(peer)) || host.connection(peer).isPresent()) {
                return;
            }
        }
        var _ =
                host.connect(peer, state.addresses)
                        .whenComplete((_, e) -> onDialled(peer, state, e));
    }

    private synchronized void onDialled(PeerId peer, Watched state, @Nullable Throwable failure) {
        if (failure != null && state.equals(watched.get(peer))) {
            schedule(peer, state, pauseNanos(state));
        }
    }
}
