package io.ridgeline.storage.file.index;

/// The runs of a bucket at one moment. Closing it lets go of them.
public final class RunSet implements AutoCloseable {
    public static final RunSet NONE = new RunSet();

    public Cursor cursor(int logId) {
        return new Cursor();
    }

    public long indexOfSequence(int logId, long sequence) {
        return -1;
    }

    public long lastConfiguration(int logId, long lastIndex) {
        return -1;
    }

    public void findId(long key, boolean anyPartitionKey, Postings found) {}

    public void postings(long key, long version, boolean forward, int most, Postings found) {}

    @Override
    public void close() {}

    public static final class Cursor {
        public boolean seek(long index) {
            return false;
        }

        public long location() {
            return 0;
        }

        public int length() {
            return 0;
        }

        public int eventCount() {
            return 0;
        }

        public long firstSequence() {
            return 0;
        }

        public long epoch() {
            return 0;
        }
    }
}
