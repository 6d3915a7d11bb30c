package io.ridgeline.spi.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Encodes one transaction, and remembers where things stand in it, so that nothing has to be read
/// again. The layout is [Transaction]'s.
final class TransactionEncoder {
    /// A little more than an event takes apart from its data, metadata, tags and names: the array
    /// shall not grow, since what is kept in memory would then be twice what is used.
    private static final int EVENT_BYTES_GUESS = 40;

    private static final int FRAME_BYTES_GUESS = 48;

    final List<NewEvent> events;
    final Names types = new Names();
    final Names contentTypes = new Names();
    final int[] streamEventCounts;
    final int[] versionOffsets;
    final ByteWriter out;
    int eventsOffset;

    private final String partitionKey;
    private final Names streams = new Names();
    private final int[] streamPlaces;

    /// @throws IllegalArgumentException without events
    TransactionEncoder(String partitionKey, List<NewEvent> events) {
        int count = events.size();
        if (count == 0 || count > Transaction.EVENT_COUNT_MAX) {
            throw new IllegalArgumentException(
                    "a transaction has 1 to "
                            + Transaction.EVENT_COUNT_MAX
                            + " events, not "
                            + count);
        }
        this.partitionKey = partitionKey;
        this.events = events;
        int[] counts = new int[1];
        int size = Transaction.HEADROOM_BYTES + FRAME_BYTES_GUESS + partitionKey.length();
        streamPlaces = new int[count];
        for (int i = 0; i < count; i++) {
            NewEvent event = events.get(i);
            int known = streams.size();
            int place = streams.place(event.stream());
            if (place == known) {
                size += event.stream().length() + Long.BYTES;
                if (place == counts.length) {
                    counts = Arrays.copyOf(counts, 2 * place);
                }
            }
            counts[place]++;
            streamPlaces[i] = place;
            size += EVENT_BYTES_GUESS + event.data().remaining() + event.metadata().remaining();
        }
        size += events.getFirst().type().length() + events.getFirst().contentType().length();
        streamEventCounts = Arrays.copyOf(counts, streams.size());
        versionOffsets = new int[streams.size()];
        out = new ByteWriter(size);
    }

    /// @throws IllegalArgumentException with unsorted tags
    Transaction encode() {
        int count = events.size();
        int[] typePlaces = new int[count];
        int[] contentTypePlaces = new int[count];
        for (int i = 0; i < count; i++) {
            typePlaces[i] = types.place(events.get(i).type());
            contentTypePlaces[i] = contentTypes.place(events.get(i).contentType());
        }
        NewEvent first = events.getFirst();
        out.skip(Transaction.HEADROOM_BYTES);
        out.u64(0);
        out.u64(first.createdMicros());
        out.varint(streams.size());
        for (int i = 0; i < streams.size(); i++) {
            versionOffsets[i] = out.position();
            out.u64(0);
            out.varint(streamEventCounts[i]);
            out.string(streams.list().get(i));
        }
        boolean implied = partitionKey.equals(first.stream());
        out.string(implied ? "" : partitionKey);
        out.strings(types.list());
        out.strings(contentTypes.list());
        out.varint(count);
        eventsOffset = out.position();
        for (int i = 0; i < count; i++) {
            NewEvent event = events.get(i);
            int start = out.beginSized();
            out.u64(event.id().getMostSignificantBits());
            out.u64(event.id().getLeastSignificantBits());
            out.varint(streamPlaces[i]);
            out.varint(typePlaces[i]);
            out.varint(contentTypePlaces[i]);
            out.zigzag(event.createdMicros() - first.createdMicros());
            out.varint(event.schemaId());
            tags(event.tags());
            out.sized(event.metadata());
            out.sized(event.data());
            out.endSized(start);
        }
        return new Transaction(this);
    }

    private void tags(List<Tag> tags) {
        out.varint(tags.size());
        @Nullable Tag previous = null;
        for (Tag tag : tags) {
            if (previous != null && previous.key().compareTo(tag.key()) >= 0) {
                throw new IllegalArgumentException("tags are not sorted by unique keys");
            }
            previous = tag;
            out.string(tag.key());
            out.string(tag.value());
        }
    }

    List<StreamKey> streamKeys() {
        // What is given as empty is the first stream's name, as readers have it.
        String key = partitionKey.isEmpty() ? streams.list().getFirst() : partitionKey;
        if (streams.size() == 1) {
            return List.of(new StreamKey(key, streams.list().getFirst()));
        }
        List<StreamKey> keys = new ArrayList<>(streams.size());
        for (String stream : streams.list()) {
            keys.add(new StreamKey(key, stream));
        }
        return Collections.unmodifiableList(keys);
    }

    /// Distinct names in the order of their first use. Most transactions have one of a kind, for
    /// which maps are too much.
    static final class Names {
        private static final int SCANNED_MAX = 8;

        private final List<String> names = new ArrayList<>(1);
        private @Nullable Map<String, Integer> places;

        int size() {
            return names.size();
        }

        /// Unchanged from the first use of the transaction on.
        List<String> list() {
            return names;
        }

        int place(String name) {
            Map<String, Integer> map = places;
            if (map == null) {
                for (int i = 0; i < names.size(); i++) {
                    if (names.get(i).equals(name)) {
                        return i;
                    }
                }
                if (names.size() < SCANNED_MAX) {
                    names.add(name);
                    return names.size() - 1;
                }
                map = new HashMap<>();
                for (int i = 0; i < names.size(); i++) {
                    map.put(names.get(i), i);
                }
                places = map;
            }
            @Nullable Integer known = map.putIfAbsent(name, names.size());
            if (known != null) {
                return known;
            }
            names.add(name);
            return names.size() - 1;
        }
    }
}
