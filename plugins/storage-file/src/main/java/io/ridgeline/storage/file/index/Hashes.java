package io.ridgeline.storage.file.index;

import io.ridgeline.spi.event.XxHash64;
import java.nio.charset.StandardCharsets;

/// The keys of the indexes. A bucket has a random seed, so that nobody can choose names that
/// collide. Whatever a key finds is compared with what was asked for.
///
/// The key of an event id has the id in its upper 32 bits and the partition key in its lower ones,
/// so that an id can be looked up without its partition key.
public final class Hashes {
    /// Runs keep this many of a key's upper bits: 32 of an id and 16 of its partition key.
    static final int KEPT_BITS = 48;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;

    /// @param seed of the bucket
    public Hashes(long seed) {
        this.seed = seed;
    }

    /// {@return what tells the keys of one log from those of another}
    public long logSalt(int logId) {
        return mix(seed + logId * GOLDEN);
    }

    /// {@return the hash of a partition key or stream id}
    public long text(String text) {
        return XxHash64.hash(text.getBytes(StandardCharsets.UTF_8), seed);
    }

    /// {@return the key of an event id}
    ///
    /// @param logSalt of the log
    /// @param partitionKey the hash of the partition key
    public static long id(long logSalt, long partitionKey, long high, long low) {
        long id = mix(mix(high ^ logSalt) + low * GOLDEN);
        return (id & 0xFFFF_FFFF_0000_0000L) | partitionKey >>> 32;
    }

    /// {@return the key of a stream}
    ///
    /// @param logSalt of the log
    /// @param partitionKey the hash of the partition key
    /// @param stream the hash of the stream id
    public static long stream(long logSalt, long partitionKey, long stream) {
        return mix(mix(stream ^ logSalt) + partitionKey * GOLDEN);
    }

    /// {@return a number whose bits all depend on all bits of another}
    static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
