package io.ridgeline.transport.libp2p.yamux;

import io.ridgeline.transport.libp2p.host.StreamReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/// Two sessions and the wire between them, in memory.
final class YamuxPair {
    static final int BUDGET = 2_000;

    /// A side that notes what it hears.
    static final class Side implements YamuxSession.Listener {
        final Semaphore budget = new Semaphore(BUDGET);
        final YamuxSession session;
        final List<YamuxStream> accepted = new ArrayList<>();
        final List<Long> pongs = new ArrayList<>();
        final List<RuntimeException> failures = new ArrayList<>();
        Function<YamuxStream, StreamReader> onStream = Recorder::new;
        boolean drained;

        Side(boolean initiator, YamuxLimits limits) {
            session = new YamuxSession(initiator, limits, budget, this);
        }

        @Override
        public StreamReader onStream(YamuxStream stream) {
            accepted.add(stream);
            return onStream.apply(stream);
        }

        @Override
        public void onPong(long value) {
            pongs.add(value);
        }

        @Override
        public void onOutput() {}

        @Override
        public void onDrained() {
            drained = true;
        }

        @Override
        public void onReaderFailure(RuntimeException cause) {
            failures.add(cause);
        }

        byte[] output(int max) {
            ByteBuffer out = ByteBuffer.allocate(max);
            session.fill(out);
            byte[] bytes = new byte[out.flip().remaining()];
            out.get(bytes);
            return bytes;
        }
    }

    /// A reader that keeps everything, and consumes it unless told otherwise.
    static final class Recorder implements StreamReader {
        final java.io.ByteArrayOutputStream data = new java.io.ByteArrayOutputStream();
        final List<String> events = new ArrayList<>();
        private final YamuxStream stream;
        boolean consuming = true;

        Recorder(YamuxStream stream) {
            this.stream = stream;
        }

        @Override
        public void onData(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            data.writeBytes(copy);
            if (consuming) {
                stream.consumed(copy.length);
            }
        }

        @Override
        public void onRemoteClosed() {
            events.add("closed");
        }

        @Override
        public void onReset(String reason) {
            events.add("reset");
        }
    }

    final Side a;
    final Side b;

    YamuxPair() {
        this(YamuxLimits.DEFAULT);
    }

    YamuxPair(YamuxLimits limits) {
        a = new Side(true, limits);
        b = new Side(false, limits);
        b.onStream =
                stream -> {
                    Recorder recorder = new Recorder(stream);
                    recorders.add(recorder);
                    return recorder;
                };
    }

    /// {@return a new stream of `a`, with a recorder as its reader}
    YamuxStream open() {
        YamuxStream stream = a.session.open(NOBODY);
        stream.reader(new Recorder(stream));
        return stream;
    }

    /// {@return what the other side of a stream has recorded}
    Recorder recorder(int index) {
        return recorders.get(index);
    }

    private final List<Recorder> recorders = new ArrayList<>();

    static final StreamReader NOBODY =
            new StreamReader() {
                @Override
                public void onData(ByteBuffer data) {}

                @Override
                public void onRemoteClosed() {}

                @Override
                public void onReset(String reason) {}
            };

    /// Carries everything both ways until nobody has anything to say.
    void settle() {
        while (a.session.hasOutput() || b.session.hasOutput()) {
            b.session.receive(ByteBuffer.wrap(a.output(65_519)));
            a.session.receive(ByteBuffer.wrap(b.output(65_519)));
        }
    }
}
