package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Counts and tells of connections that did not come to be. Strangers can cause them at will, so
/// one line a minute for each peer and cause is all they get.
final class FailureLog {
    private static final System.Logger LOG = System.getLogger(FailureLog.class.getName());
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int REMEMBERED_MAX = 256;

    private final Map<HandshakeFailure, Long> inbound = new EnumMap<>(HandshakeFailure.class);

    private final Map<String, Long> toldAtNanos =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    /// @param dialled the peer that we dialled; null if somebody dialled us
    void onFailed(@Nullable Peer dialled, HandshakeException failure) {
        if (dialled == null) {
            synchronized (this) {
                inbound.merge(failure.failure(), 1L, Long::sum);
            }
            tell(
                    System.Logger.Level.WARNING,
                    "inbound " + failure.failure(),
                    "connection refused: " + failure.getMessage() + hint(failure.failure()));
        } else {
            dialled.onFailed(failure.failure());
            // A peer that dials us at the same time closes our connection, which is no problem.
            tell(
                    failure.failure() == HandshakeFailure.CLOSED
                            ? System.Logger.Level.INFO
                            : System.Logger.Level.WARNING,
                    dialled.node() + " " + failure.failure(),
                    "no connection to node "
                            + dialled.node()
                            + ": "
                            + failure.getMessage()
                            + hint(failure.failure()));
        }
    }

    private static String hint(HandshakeFailure failure) {
        return switch (failure) {
            case NOT_ALLOWED ->
                    "; if it belongs to the cluster, name it in the topology of this node";
            case WRONG_PEER -> "; is its address that of another node, or has it a new identity?";
            default -> "";
        };
    }

    /// A member was cut off. It may come again as often as it likes, so this, too, is told
    /// sparsely.
    void onViolation(Peer peer, String violation) {
        tell(
                System.Logger.Level.WARNING,
                peer.node() + " violation",
                "node "
                        + peer.node()
                        + " broke the protocol, and its connection is closed: "
                        + violation
                        + "; is it one of ours, of this version?");
    }

    private void tell(System.Logger.Level level, String key, String message) {
        long now = System.nanoTime();
        synchronized (this) {
            Long last = toldAtNanos.get(key);
            if (last != null && now - last < PAUSE_NANOS) {
                return;
            }
            toldAtNanos.put(key, now);
        }
        LOG.log(level, message);
    }

    synchronized Map<HandshakeFailure, Long> inbound() {
        return Map.copyOf(inbound);
    }
}
