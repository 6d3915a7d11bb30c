package io.ridgeline.engine.replica;

import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.spi.NodeId;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/// Which nodes claim to coordinate, or to take over, a partition.
///
/// A digest says it until it says otherwise. What is concluded from other messages ends by itself
/// unless a digest confirms it: the message may have been under way for very long.
final class Claims {
    private final Map<NodeId, Claim> byNode = new TreeMap<>();

    record Claim(long epoch, Phase phase, long untilNanos) {}

    /// From a digest.
    void say(NodeId node, long epoch, Phase phase) {
        Claim known = byNode.get(node);
        if (known != null && known.epoch() > epoch) {
            return;
        }
        // That a node does not claim an epoch is kept, too: what else it still sends in that epoch
        // must not speak for it (H4).
        byNode.put(node, new Claim(epoch, phase, Long.MAX_VALUE));
    }

    /// From another message of the node.
    ///
    /// @return whether it says something new
    boolean imply(NodeId node, long epoch, Phase phase, long untilNanos) {
        Claim known = byNode.get(node);
        if (known != null
                && (known.epoch() > epoch
                        || (known.epoch() == epoch && known.untilNanos() >= untilNanos))) {
            return false;
        }
        byNode.put(node, new Claim(epoch, phase, untilNanos));
        return true;
    }

    /// Drops what has ended by itself.
    ///
    /// @return when the next one ends; the largest number if none does
    long expire(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (Iterator<Claim> each = byNode.values().iterator(); each.hasNext(); ) {
            long until = each.next().untilNanos();
            if (until <= nowNanos) {
                each.remove();
            } else {
                next = Math.min(next, until);
            }
        }
        return next;
    }

    void forget(NodeId node) {
        byNode.remove(node);
    }

    Map<NodeId, Claim> all() {
        return byNode;
    }
}
