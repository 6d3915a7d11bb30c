package io.ridgeline.engine.replica;

/// Which sequence follows each entry above the watermark: what the watermark needs to say how many
/// events are confirmed, without reading entries again.
final class TailSequences {
    private long[] nextSequences = new long[64];
    private int head;
    private int size;
    private long firstIndex = 1;

    /// Begins behind an index.
    void reset(long watermark) {
        head = 0;
        size = 0;
        firstIndex = watermark + 1;
    }

    /// Notes the entry behind the last.
    void add(long nextSequence) {
        if (size == nextSequences.length) {
            long[] more = new long[2 * size];
            for (int i = 0; i < size; i++) {
                more[i] = nextSequences[(head + i) & (size - 1)];
            }
            nextSequences = more;
            head = 0;
        }
        nextSequences[(head + size) & (nextSequences.length - 1)] = nextSequence;
        size++;
    }

    /// Forgets everything up to an index, and answers with the sequence behind it.
    long confirm(long index) {
        int count = (int) (index - firstIndex + 1);
        long next = nextSequences[(head + count - 1) & (nextSequences.length - 1)];
        head = (head + count) & (nextSequences.length - 1);
        size -= count;
        firstIndex = index + 1;
        return next;
    }

    /// Forgets everything behind an index.
    void cut(long lastIndex) {
        size = (int) Math.max(0, lastIndex - firstIndex + 1);
    }
}
