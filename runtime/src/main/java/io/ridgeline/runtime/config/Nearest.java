package io.ridgeline.runtime.config;

import java.util.Collection;
import java.util.Optional;

/// Finds what somebody may have meant.
final class Nearest {
    private Nearest() {}

    /// {@return the name with the fewest edits from what was written, unless it takes so many that
    /// the two have little in common; of equal ones the first}
    static Optional<String> to(String written, Collection<String> names) {
        int best = Math.max(2, written.length() / 3) + 1;
        Optional<String> nearest = Optional.empty();
        for (String name : names) {
            int edits = edits(written, name);
            if (edits < best) {
                best = edits;
                nearest = Optional.of(name);
            }
        }
        return nearest;
    }

    /// {@return the fewest insertions, deletions, replacements and swaps of neighbours between two
    /// texts (optimal string alignment)}
    static int edits(String a, String b) {
        int[] beforePrevious = new int[b.length() + 1];
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, Math.min(previous[j], row[j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforePrevious[j - 2] + 1);
                }
            }
            beforePrevious = previous;
            previous = row;
        }
        return previous[b.length()];
    }
}
