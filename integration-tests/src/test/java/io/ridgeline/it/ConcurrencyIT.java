package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// Sixteen writers fight for every version of one stream.
class ConcurrencyIT {
    private static final int WRITERS = 16;
    private static final long VERSIONS = 300;

    private final ConcurrentMap<Long, UUID> winners = new ConcurrentHashMap<>();

    @Test
    void eachVersionHasOneWinner() throws Exception {
        try (Node node =
                        Node.on(Checkout.folder(ConcurrencyIT.class, "fight").resolve("data"))
                                .start();
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<Long>> conflicts = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                conflicts.add(threads.submit(() -> fight(node)));
            }
            long refused = 0;
            for (Future<Long> count : conflicts) {
                refused += count.get();
            }
            List<RecordedEvent> stream = new ArrayList<>();
            node.events()
                    .readStream(ReadStreamRequest.newBuilder().setStream("prize").build())
                    .forEachRemaining(answer -> stream.addAll(answer.getEventsList()));

            assertThat(refused).as("conflicts").isPositive();
            assertThat(stream).hasSize((int) VERSIONS);
            Iterator<RecordedEvent> events = stream.iterator();
            for (long version = 0; version < VERSIONS; version++) {
                RecordedEvent event = events.next();
                assertThat(event.getVersion()).isEqualTo(version);
                assertThat(Requests.id(event.getId())).isEqualTo(winners.get(version));
            }
        }
    }

    /// {@return how many conflicts the writer has met}
    private long fight(Node node) {
        long conflicts = 0;
        long last = -1;
        while (last < VERSIONS - 1) {
            UUID id = UUID.randomUUID();
            AppendRequest request =
                    Requests.append(Requests.event(id, "prize", "Won", "{}")).toBuilder()
                            .addConditions(Requests.exactly("prize", last))
                            .build();
            try {
                AppendResponse answer = node.events().append(request);
                long won = answer.getStreams(0).getFirstVersion();
                assertThat(won).isEqualTo(last + 1);
                assertThat(winners.putIfAbsent(won, id)).as("another winner of " + won).isNull();
                last = won;
            } catch (StatusRuntimeException e) {
                Failure failure = Failure.of(e);
                assertThat(failure.code()).as("%s", failure).isEqualTo("VERSION_CONFLICT");
                assertThat(failure.metadata()).containsEntry("stream", "prize");
                long current =
                        Long.parseLong(failure.metadata().getOrDefault("current_version", ""));
                assertThat(current).as("version that stood in the way").isGreaterThan(last);
                last = current;
                conflicts++;
            }
        }
        return conflicts;
    }
}
