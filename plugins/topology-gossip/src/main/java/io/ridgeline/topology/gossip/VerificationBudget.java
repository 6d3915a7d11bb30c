package io.ridgeline.topology.gossip;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How many signatures are looked at: in all, and from one address. A signature is what costs (some
/// 0.2 ms of a processor); whoever sends more than a cluster of the largest size does waits, and
/// cannot take the share of others.
final class VerificationBudget {
    static final int PER_SECOND = 500;
    static final int PER_SECOND_FROM_ONE = 100;

    private static final int SECONDS_SAVED_MAX = 2;
    private static final int ADDRESSES_MAX = 1_024;

    private static final class Bucket {
        private final int perSecond;
        private double saved;
        private long atNanos;

        Bucket(int perSecond, long nowNanos) {
            this.perSecond = perSecond;
            saved = (double) perSecond * SECONDS_SAVED_MAX;
            atNanos = nowNanos;
        }

        boolean hasOne(long nowNanos) {
            double gained = (double) (nowNanos - atNanos) * perSecond / TimeUnit.SECONDS.toNanos(1);
            saved = Math.min(saved + gained, (double) perSecond * SECONDS_SAVED_MAX);
            atNanos = nowNanos;
            return saved >= 1;
        }
    }

    private final Bucket all;

    /// The least recently used are forgotten; they start anew, within the limit for all.
    private final Map<InetAddress, Bucket> byAddress =
            new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
                    return size() > ADDRESSES_MAX;
                }
            };

    VerificationBudget(long nowNanos) {
        all = new Bucket(PER_SECOND, nowNanos);
    }

    /// Takes one, or throws.
    ///
    /// @throws Dropped if there is none left for that address
    void take(InetAddress from, long nowNanos) {
        Bucket one =
                byAddress.computeIfAbsent(from, _ -> new Bucket(PER_SECOND_FROM_ONE, nowNanos));
        if (!one.hasOne(nowNanos) || !all.hasOne(nowNanos)) {
            throw new Dropped(Dropped.Cause.RATE, "more than can be verified");
        }
        one.saved--;
        all.saved--;
    }

    /// {@return how many addresses are remembered}
    int addresses() {
        return byAddress.size();
    }
}
