package io.ridgeline.engine.replica;

import io.ridgeline.engine.ExecuteTransaction;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The ordered writes of a reign whose fate is not known yet, in log order: a ring of parallel
/// arrays, so that nothing is allocated per write.
final class WriteQueue {
    private @Nullable ExecuteTransaction[] requests = new @Nullable ExecuteTransaction[64];
    private long[] indexes = new long[64];
    private int head;
    private int size;
    private long bytes;
    private long earliestDeadline = Long.MAX_VALUE;

    int size() {
        return size;
    }

    long bytes() {
        return bytes;
    }

    /// {@return a time before which nothing expires}
    long earliestDeadline() {
        return earliestDeadline;
    }

    void add(ExecuteTransaction request, long index) {
        if (size == requests.length) {
            grow();
        }
        int at = (head + size) & (requests.length - 1);
        requests[at] = request;
        indexes[at] = index;
        size++;
        bytes += request.transaction().lengthBytes();
        earliestDeadline = Math.min(earliestDeadline, request.deadlineNanos());
    }

    /// {@return the index of the first one; the largest number if there is none}
    long firstIndex() {
        return size == 0 ? Long.MAX_VALUE : indexes[head];
    }

    /// {@return the index of the last one}
    long lastIndex() {
        return indexes[(head + size - 1) & (requests.length - 1)];
    }

    /// Takes the first one out.
    ///
    /// @return null if it was answered at its deadline
    @Nullable ExecuteTransaction take() {
        return takeAt(head, true);
    }

    /// Takes the last one out: for an engine that does not answer in order.
    @Nullable ExecuteTransaction takeLast() {
        return takeAt((head + size - 1) & (requests.length - 1), false);
    }

    private @Nullable ExecuteTransaction takeAt(int at, boolean first) {
        ExecuteTransaction request = requests[at];
        requests[at] = null;
        if (first) {
            head = (head + 1) & (requests.length - 1);
        }
        size--;
        if (request != null) {
            bytes -= request.transaction().lengthBytes();
        }
        if (size == 0) {
            earliestDeadline = Long.MAX_VALUE;
        }
        return request;
    }

    /// Takes out one whose deadline has passed; its place stays until its fate is known.
    ///
    /// @return null if there is none
    @Nullable ExecuteTransaction expire(long nowNanos) {
        if (earliestDeadline > nowNanos) {
            return null;
        }
        long next = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            int at = (head + i) & (requests.length - 1);
            ExecuteTransaction request = requests[at];
            if (request == null) {
                continue;
            }
            if (request.deadlineNanos() <= nowNanos) {
                requests[at] = null;
                bytes -= request.transaction().lengthBytes();
                return request;
            }
            next = Math.min(next, request.deadlineNanos());
        }
        earliestDeadline = next;
        return null;
    }

    private void grow() {
        int length = requests.length;
        @Nullable ExecuteTransaction[] moreRequests = new @Nullable ExecuteTransaction[2 * length];
        long[] moreIndexes = new long[2 * length];
        for (int i = 0; i < size; i++) {
            int at = (head + i) & (length - 1);
            moreRequests[i] = requests[at];
            moreIndexes[i] = indexes[at];
        }
        requests = moreRequests;
        indexes = moreIndexes;
        head = 0;
    }

    @Override
    public String toString() {
        return size + " writes " + Arrays.toString(Arrays.copyOf(indexes, Math.min(size, 4)));
    }
}
