package io.ridgeline.it.load;

import com.google.protobuf.ByteString;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.it.events.Requests;
import java.util.Random;

/// What one writer writes, in order: transactions of one to five events on a stream that is its
/// own, each at an exact version, and on one that it shares with the other writers of its partition
/// key.
final class Plot {
    private static final int KEYS = 3;

    private final int writer;
    private final Random random;
    private long lastVersion = -1;

    Plot(int writer, long seed) {
        this.writer = writer;
        this.random = new Random(seed * 31 + writer);
    }

    /// {@return the next transaction, on the assumption that all before it take effect}
    AppendRequest next() {
        String own = "own-" + writer;
        AppendRequest.Builder request =
                AppendRequest.newBuilder()
                        .setPartitionKey("key-" + writer % KEYS)
                        .addConditions(Requests.exactly(own, lastVersion));
        int events = 1 + random.nextInt(5);
        for (int i = 0; i < events; i++) {
            // The first is always its own, so that the exact version forbids a second effect.
            boolean shared = i > 0 && random.nextInt(4) == 0;
            request.addEvents(event(shared ? "shared" : own));
            lastVersion += shared ? 0 : 1;
        }
        return request.build();
    }

    private NewEvent event(String stream) {
        byte[] data =
                new byte[random.nextInt(8) == 0 ? random.nextInt(20_000) : random.nextInt(500)];
        random.nextBytes(data);
        return NewEvent.newBuilder()
                .setId(Requests.bytes(Requests.id(random)))
                .setStream(stream)
                .setType("Written")
                .setContentType("application/octet-stream")
                .setData(ByteString.copyFrom(data))
                .addTags(Tag.newBuilder().setKey("writer").setValue(Integer.toString(writer)))
                .build();
    }
}
