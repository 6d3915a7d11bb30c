package io.ridgeline.client;

import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.SlotRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which node the writes of a slot go to, as far as servers have said. Slots of one partition share
/// the knowledge once it is known which those are.
///
/// Racy on purpose: a node is published safely by its final fields, and what is lost is learnt
/// again.
final class Routes {
    /// For each slot its place among the partitions.
    private final int[] placeOfSlot;

    /// For each place its partition; empty while the partitions are not known.
    private final int[] partitions;

    private final @Nullable Node[] nodeOfPlace;

    private Routes(int[] placeOfSlot, int[] partitions, int places) {
        this.placeOfSlot = placeOfSlot;
        this.partitions = partitions;
        this.nodeOfPlace = new @Nullable Node[places];
    }

    /// {@return routes of slots whose partitions are not known: each slot is learnt by itself}
    static Routes unknown() {
        int[] places = new int[Slots.COUNT];
        Arrays.setAll(places, slot -> slot);
        return new Routes(places, new int[0], Slots.COUNT);
    }

    /// {@return routes without nodes}
    ///
    /// @throws IllegalArgumentException if the answer does not cover all slots
    static Routes of(GetRoutingResponse routing) {
        int[] placeOfSlot = new int[Slots.COUNT];
        List<Integer> partitions = new ArrayList<>();
        long slot = 0;
        for (SlotRange range : routing.getSlotsList()) {
            long end = slot + Integer.toUnsignedLong(range.getCount());
            if (end > Slots.COUNT) {
                throw new IllegalArgumentException("slots up to " + end);
            }
            int place = partitions.indexOf(range.getPartition());
            if (place < 0) {
                place = partitions.size();
                partitions.add(range.getPartition());
            }
            Arrays.fill(placeOfSlot, (int) slot, (int) end, place);
            slot = end;
        }
        if (slot != Slots.COUNT) {
            throw new IllegalArgumentException("only " + slot + " slots");
        }
        return new Routes(
                placeOfSlot,
                partitions.stream().mapToInt(Integer::intValue).toArray(),
                partitions.size());
    }

    /// {@return whether it is known which slots are of one partition}
    boolean hasPartitions() {
        return partitions.length > 0;
    }

    /// {@return all partitions; none while they are not known}
    SortedSet<Integer> partitions() {
        SortedSet<Integer> all = new TreeSet<>(Integer::compareUnsigned);
        for (int partition : partitions) {
            all.add(partition);
        }
        return all;
    }

    /// {@return the partition that holds a slot; null if it is not known}
    @Nullable Integer partitionOf(int slot) {
        return hasPartitions() ? partitions[placeOfSlot[slot]] : null;
    }

    @Nullable Node ofSlot(int slot) {
        return nodeOfPlace[placeOfSlot[slot]];
    }

    void routeSlot(int slot, Node node) {
        nodeOfPlace[placeOfSlot[slot]] = node;
    }

    void routePartition(int partition, Node node) {
        for (int place = 0; place < partitions.length; place++) {
            if (partitions[place] == partition) {
                nodeOfPlace[place] = node;
            }
        }
    }

    /// Sends nothing of a slot and its partition to a node any more until it is named anew.
    void forget(int slot, Node node) {
        int place = placeOfSlot[slot];
        if (nodeOfPlace[place] == node) {
            nodeOfPlace[place] = null;
        }
    }

    /// Sends nothing to a node any more until it is named anew.
    void forget(Node node) {
        for (int place = 0; place < nodeOfPlace.length; place++) {
            if (nodeOfPlace[place] == node) {
                nodeOfPlace[place] = null;
            }
        }
    }
}
