package io.ridgeline.simulation.trace;

import io.ridgeline.simulation.time.Seeded;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/// What happened in a run: always as a hash, and as a story if somebody asked for it. The hash is
/// cheap; the story is made by running the seed again.
public final class Trace {
    /// One line of the story.
    ///
    /// @param nanos the virtual time
    /// @param from the node, or "" for the world
    /// @param to the receiver of a message, or ""
    /// @param text what happened
    public record Line(long nanos, String from, String to, String text) {}

    private final boolean told;
    private final List<Line> lines = new ArrayList<>();
    private final CRC32C crc = new CRC32C();
    private long hash = 1;

    /// @param told whether the story is kept
    public Trace(boolean told) {
        this.told = told;
    }

    /// {@return whether the story is kept}
    public boolean isTold() {
        return told;
    }

    /// Adds a number to the hash.
    public void mix(long value) {
        hash = Seeded.mix(hash ^ value) + value;
    }

    /// Adds the bytes from position to limit to the hash.
    public void mix(ByteBuffer bytes) {
        crc.reset();
        crc.update(bytes.duplicate());
        mix(crc.getValue() << 24 ^ bytes.remaining());
    }

    /// Adds a line to the story, if it is kept.
    public void tell(long nanos, String from, String to, Supplier<String> text) {
        if (told) {
            lines.add(new Line(nanos, from, to, text.get()));
        }
    }

    /// {@return the hash of all so far}
    public long hash() {
        return hash;
    }

    /// {@return the story}
    public List<Line> lines() {
        return Collections.unmodifiableList(lines);
    }
}
