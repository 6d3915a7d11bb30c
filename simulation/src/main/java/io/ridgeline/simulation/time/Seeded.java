package io.ridgeline.simulation.time;

import java.util.UUID;
import java.util.random.RandomGenerator;

/// A generator that is split by name, so that one more draw here does not change the story there
/// (SplitMix64; Steele, Lea, Flood 2014).
public final class Seeded implements RandomGenerator {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;
    private long state;

    public Seeded(long seed) {
        this.seed = mix(seed + GOLDEN);
        this.state = this.seed;
    }

    /// {@return a generator of its own for a consumer; the same for the same name and number}
    public Seeded split(String consumer, int number) {
        long hash = seed;
        for (int i = 0; i < consumer.length(); i++) {
            hash = mix(hash ^ consumer.charAt(i));
        }
        return new Seeded(mix(hash + number));
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /// {@return whether something of that probability happens}
    public boolean chance(double probability) {
        return probability > 0 && nextDouble() < probability;
    }

    /// {@return a number from low to high, both inclusive}
    public int between(int low, int high) {
        return low + (int) Long.remainderUnsigned(nextLong(), high - low + 1L);
    }

    /// {@return a number from low to high, both inclusive}
    public long between(long low, long high) {
        return low + Long.remainderUnsigned(nextLong(), high - low + 1L);
    }

    /// {@return a number whose logarithm is even from low to high}
    public long spread(long low, long high) {
        return Math.round(low * Math.pow((double) high / low, nextDouble()));
    }

    /// {@return an id}
    public UUID uuid() {
        return new UUID(nextLong(), nextLong());
    }

    /// {@return the number, scattered over all 64 bits}
    public static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
