package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.client.AppendResult;
import io.ridgeline.client.EventHandler;
import io.ridgeline.client.Expect;
import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import io.ridgeline.client.Subscription;
import io.ridgeline.client.VersionConflictException;
import io.ridgeline.it.events.History;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// The Java client rides out crashes of its node: callers wait, and see neither errors nor doubles.
class ClientIT {
    private static final int WRITERS = 6;
    private static final int APPENDS = 600;
    private static final int KILLS = 3;

    private final AtomicLong appended = new AtomicLong();

    @Test
    void appendsAndSubscriptionsOutliveTheNode() throws Exception {
        Node.Plan plan = Node.on(Checkout.folder(ClientIT.class, "node").resolve("data"));
        Node node = plan.start();
        plan.port(node.port());
        Observer observer = new Observer();
        try (RidgelineClient client =
                        RidgelineClient.builder()
                                .servers("127.0.0.1:" + node.port())
                                .timeout(Duration.ofMinutes(1))
                                .build();
                Subscription subscription = client.subscribe(Source.all()).start(observer);
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                String stream = "writer-" + writer;
                writers.add(threads.submit(() -> write(client, stream)));
            }
            for (int kill = 1; kill <= KILLS; kill++) {
                long some = (long) WRITERS * APPENDS * kill / (KILLS + 1);
                Awaitility.await("some appends")
                        .atMost(Duration.ofMinutes(1))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> appended.get() >= some);
                node.kill();
                node = plan.start();
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            Awaitility.await("the subscription to see everything")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> observer.count.get() >= WRITERS * APPENDS);
            assertThat(subscription.done()).isNotDone();
            assertThat(observer.count).hasValue(WRITERS * APPENDS);
            assertThat(observer.outOfOrder).isEmpty();
            assertThat(History.of(node.events()).size()).isEqualTo(WRITERS * APPENDS);
            try (Stream<RecordedEvent> stream = client.read(Source.stream("writer-0")).stream()) {
                assertThat(stream.count()).isEqualTo(APPENDS);
            }
            VersionConflictException conflict =
                    Assertions.catchThrowableOfType(
                            VersionConflictException.class,
                            () ->
                                    client.append("writer-0")
                                            .expect(Expect.noStream())
                                            .event("T", "{}")
                                            .send());
            assertThat(conflict).isNotNull();
        } finally {
            node.close();
        }
    }

    private void write(RidgelineClient client, String stream) {
        for (long version = 0; version < APPENDS; version++) {
            Expect expect = version == 0 ? Expect.noStream() : Expect.version(version - 1);
            AppendResult result =
                    client.append(stream)
                            .expect(expect)
                            .event("T", "{\"n\":" + version + "}")
                            .send();
            assertThat(result.lastVersion()).isEqualTo(version);
            appended.incrementAndGet();
        }
    }

    private static final class Observer implements EventHandler {
        private final AtomicLong count = new AtomicLong();
        private final Map<Integer, Long> lastSequences = new ConcurrentHashMap<>();
        private final List<String> outOfOrder = new ArrayList<>();

        @Override
        public void onEvent(RecordedEvent event) {
            Long last = lastSequences.put(event.partition(), event.sequence());
            if (event.sequence() != (last == null ? 0 : last + 1)) {
                outOfOrder.add(event + " after " + last);
            }
            count.incrementAndGet();
        }
    }
}
