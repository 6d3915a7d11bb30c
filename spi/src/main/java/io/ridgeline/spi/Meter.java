package io.ridgeline.spi;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One number that an implementation of a contract has counted or measured. Shown as
/// `ridgeline.<contract>.<name>`.
///
/// @param name in lower case, words separated by dots, unit at the end: `peer.sent.bytes`
/// @param description one sentence for operators
/// @param counter whether it only grows, over the life of the implementation; else it goes up and
///   down
/// @param tags what it is about, such as `peer`; sorted by key
/// @param value at the time of the call
public record Meter(
        String name,
        String description,
        boolean counter,
        SortedMap<String, String> tags,
        double value) {
    public Meter {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }
}
