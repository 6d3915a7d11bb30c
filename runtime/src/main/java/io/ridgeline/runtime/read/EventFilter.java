package io.ridgeline.runtime.read;

import io.ridgeline.api.v1.Filter;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Tag;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Which events a subscription wants: those that match every part that is given.
final class EventFilter {
    private final List<String> streamPrefixes;
    private final Set<String> types;
    private final Set<Tag> tags;

    private EventFilter(Filter filter) {
        streamPrefixes = List.copyOf(filter.getStreamPrefixesList());
        types = new TreeSet<>(filter.getTypesList());
        tags =
                filter.getTagsList().stream()
                        .map(tag -> new Tag(tag.getKey(), tag.getValue()))
                        .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    static EventFilter of(Filter filter) {
        return new EventFilter(filter);
    }

    boolean matches(Events event) {
        return matchesStream(event)
                && (types.isEmpty() || types.contains(event.type()))
                && (tags.isEmpty()
                        || (event.tagCount() >= tags.size() && event.tags().containsAll(tags)));
    }

    private boolean matchesStream(Events event) {
        if (streamPrefixes.isEmpty()) {
            return true;
        }
        String stream = event.stream();
        for (String prefix : streamPrefixes) {
            if (stream.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
