package io.ridgeline.spi;

import java.util.regex.Pattern;

/// The name of a node, unique in its cluster and kept for its life: 1 to 63 characters of `a-z`,
/// `A-Z`, `0-9`, `.`, `_`, `-`. Ordered by its characters, which breaks ties in the order of
/// preference (R-CO-2).
public record NodeId(String name) implements Comparable<NodeId> {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._-]{1,63}");

    public NodeId {
        if (!VALID.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "node name \"" + name + "\" is not 1 to 63 of a-z A-Z 0-9 . _ -");
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
