package io.ridgeline.client;

import io.ridgeline.api.v1.PartitionPosition;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A place in several partitions: what was seen of each. A checkpoint of a subscription, or what a
/// read must at least show. [#toString] and [#parse] are a stable form to store.
///
/// @param partitions per partition the last sequence that was seen; those that are not named are at
///   their beginning
public record Position(SortedMap<Integer, Place> partitions) {
    /// Before the first event of every partition.
    public static final Position START = new Position(new TreeMap<>());

    /// Copies the map.
    public Position {
        partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
    }

    /// A place in one partition.
    ///
    /// @param history the history that the sequence belongs to; 0 unless a last-resort repair has
    ///   raised it
    /// @param sequence of the last event that was seen; -1 for none
    public record Place(int history, long sequence) {}

    /// Reads what [#toString] wrote.
    ///
    /// @throws IllegalArgumentException if it is something else
    public static Position parse(String text) {
        SortedMap<Integer, Place> places = new TreeMap<>();
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] numbers = part.split(":", -1);
            if (numbers.length != 3) {
                throw new IllegalArgumentException(
                        "not a position (PARTITION:HISTORY:SEQUENCE,…): " + text);
            }
            places.put(
                    Integer.parseUnsignedInt(numbers[0]),
                    new Place(Integer.parseUnsignedInt(numbers[1]), Long.parseLong(numbers[2])));
        }
        return new Position(places);
    }

    /// {@return the stable form, `PARTITION:HISTORY:SEQUENCE` separated by commas; empty for
    /// [#START]}
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<Integer, Place> entry : partitions.entrySet()) {
            out.append(out.isEmpty() ? "" : ",")
                    .append(Integer.toUnsignedString(entry.getKey()))
                    .append(':')
                    .append(Integer.toUnsignedString(entry.getValue().history()))
                    .append(':')
                    .append(entry.getValue().sequence());
        }
        return out.toString();
    }

    static Position of(io.ridgeline.api.v1.Position message) {
        SortedMap<Integer, Place> places = new TreeMap<>();
        for (PartitionPosition place : message.getPartitionsList()) {
            places.put(place.getPartition(), new Place(place.getHistory(), place.getSequence()));
        }
        return new Position(places);
    }

    io.ridgeline.api.v1.Position toMessage() {
        io.ridgeline.api.v1.Position.Builder message = io.ridgeline.api.v1.Position.newBuilder();
        partitions.forEach((partition, place) ->
                message.addPartitions(
                        PartitionPosition.newBuilder()
                                .setPartition(partition)
                                .setHistory(place.history())
                                .setSequence(place.sequence())));
        return message.build();
    }
}
