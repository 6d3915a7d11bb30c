package io.ridgeline.runtime.cluster;

import java.util.List;
import java.util.stream.Collectors;

/// A fact of a cluster of which two sources say different things.
///
/// @param fact the configuration key without its prefix
/// @param wanted what the one says
/// @param recorded what the other says
public record Difference(String fact, String wanted, String recorded) {

    /// {@return the same from the other side}
    Difference turned() {
        String here = recorded;
        return new Difference(fact, here, wanted);
    }

    /// {@return all of them in a line}
    public static String text(List<Difference> differences) {
        return differences.stream()
                .map(each ->
                        each.fact + " " + each.wanted + " here and " + each.recorded + " there")
                .collect(Collectors.joining("; "));
    }
}
