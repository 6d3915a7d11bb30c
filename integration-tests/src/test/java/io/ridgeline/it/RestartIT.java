package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.AppendStreamResponse;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A node with much data (`-Dit.restart.events=`) is killed and comes back. The times are printed,
/// not judged.
class RestartIT {
    private static final int BATCH = 500;
    private static final int STREAMS = 1_000;
    private static final int UNDER_WAY_MAX = 8;
    private static final String PAYLOAD = "x".repeat(200);

    private final List<UUID> remembered = new ArrayList<>();

    @Test
    void muchDataIsThereAgainAfterAKill() throws Exception {
        int batches = Checkout.setting("it.restart.events", 1_000_000) / BATCH;
        long events = (long) batches * BATCH;
        Node.Plan plan = Node.on(Checkout.folder(RestartIT.class, "much").resolve("data"));
        long began = System.nanoTime();
        try (Node node = plan.start()) {
            write(node, batches);
            long millis = millisSince(began);
            long residentBytes = node.residentBytes();
            node.kill();
            // Not before: merged indexes vanish while it runs.
            System.out.printf(
                    "RestartIT: %d events written in %d ms, %d bytes of disk for each, %d MiB resident%n",
                    events, millis, bytesIn(node.data()) / events, residentBytes >> 20);
        }
        long restarted = System.nanoTime();
        try (Node node = plan.start()) {
            System.out.printf(
                    "RestartIT: ready %d ms after its start, the JVM's included%n",
                    millisSince(restarted));
            long found =
                    node
                            .admin()
                            .getStatus(GetStatusRequest.getDefaultInstance())
                            .getPartitionsList()
                            .stream()
                            .mapToLong(PartitionStatus::getWatermark)
                            .map(watermark -> watermark + 1)
                            .sum();
            assertThat(found).isEqualTo(events);
            for (UUID id : remembered) {
                RecordedEvent event =
                        node.events()
                                .getEvent(
                                        GetEventRequest.newBuilder()
                                                .setId(Requests.bytes(id))
                                                .build())
                                .getEvent();
                assertThat(Requests.id(event.getId())).isEqualTo(id);
            }
            List<RecordedEvent> stream = new ArrayList<>();
            node.events()
                    .readStream(ReadStreamRequest.newBuilder().setStream("stream-7").build())
                    .forEachRemaining(answer -> stream.addAll(answer.getEventsList()));
            assertThat(stream)
                    .extracting(RecordedEvent::getVersion)
                    .isEqualTo(
                            Stream.iterate(0L, version -> version + 1)
                                    .limit(stream.size())
                                    .toList());
            assertThat(stream).hasSize((batches + STREAMS - 8) / STREAMS * BATCH);
        }
    }

    private void write(Node node, int batches) throws Exception {
        Random random = new Random(7);
        Semaphore places = new Semaphore(UNDER_WAY_MAX);
        CompletableFuture<Integer> answered = new CompletableFuture<>();
        StreamObserver<AppendStreamRequest> call =
                node.eventsAsync().appendStream(new Counter(places, answered));
        for (int batch = 0; batch < batches; batch++) {
            AppendRequest.Builder request = AppendRequest.newBuilder();
            for (int i = 0; i < BATCH; i++) {
                UUID id = Requests.id(random);
                if (i == 0 && batch % 100 == 0) {
                    remembered.add(id);
                }
                request.addEvents(Requests.event(id, "stream-" + batch % STREAMS, "Put", PAYLOAD));
            }
            if (!places.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new AssertionError("no answer for a minute");
            }
            call.onNext(AppendStreamRequest.newBuilder().addAppends(request).build());
        }
        call.onCompleted();
        assertThat(answered.get(1, TimeUnit.MINUTES)).isEqualTo(batches);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private static long bytesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> {
                        try {
                            return Files.size(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .sum();
        }
    }

    private static final class Counter implements StreamObserver<AppendStreamResponse> {
        private final Semaphore places;
        private final CompletableFuture<Integer> answered;
        private int appended;

        Counter(Semaphore places, CompletableFuture<Integer> answered) {
            this.places = places;
            this.answered = answered;
        }

        @Override
        public void onNext(AppendStreamResponse response) {
            response.getResultsList()
                    .forEach(result -> {
                        if (!result.hasAppended()) {
                            throw new IllegalStateException("refused: " + result);
                        }
                    });
            appended += response.getResultsCount();
            places.release(response.getResultsCount());
        }

        @Override
        public void onError(Throwable failure) {
            answered.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            answered.complete(appended);
        }
    }
}
