package io.ridgeline.topology.gossip;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks names up beside gossip's thread, which must not wait for a name server. Any thread.
final class Resolver {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int NAMES_MAX = 1_024;

    private record Answer(Optional<InetAddress> address, long askedNanos) {}

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    /// {@return where that is; empty if it is not known, or not known yet}
    Optional<InetSocketAddress> resolve(HostPort place, long nowNanos) {
        return address(place.host(), nowNanos)
                .map(address -> new InetSocketAddress(address, place.port()));
    }

    private Optional<InetAddress> address(String host, long nowNanos) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            // A name.
        }
        Answer answer = answers.get(host);
        if (answer == null || nowNanos - answer.askedNanos > FRESH_NANOS) {
            ask(host, answer, nowNanos);
        }
        return answer == null ? Optional.empty() : answer.address;
    }

    private void ask(String host, @Nullable Answer before, long nowNanos) {
        if (answers.size() >= NAMES_MAX) {
            answers.clear();
        }
        Optional<InetAddress> meanwhile = before == null ? Optional.empty() : before.address;
        answers.put(host, new Answer(meanwhile, nowNanos));
        Thread.ofVirtual()
                .name("gossip-resolver")
                .start(() -> {
                    try {
                        answers.put(
                                host,
                                new Answer(Optional.of(InetAddress.getByName(host)), nowNanos));
                    } catch (UnknownHostException _) {
                        // Asked again later; until then the last answer is the best there is.
                    }
                });
    }
}
