package io.ridgeline.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.client.AppendResult;
import io.ridgeline.client.Expect;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.RidgelineException;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/// Threads that write through one client, each to streams of its own at exact versions, one
/// transaction after the other, until they are told to end.
public final class ClusterLoad implements AutoCloseable {
    private static final int STREAMS = 8;

    private final RidgelineClient client;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Acknowledged> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final List<RidgelineException> failures =
            Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong count = new AtomicLong();
    private volatile boolean ending;

    /// What the client was told.
    private record Acknowledged(UUID id, int partition, long sequence, long version) {}

    private ClusterLoad(RidgelineClient client) {
        this.client = client;
    }

    /// Starts to write.
    ///
    /// @param servers where the nodes are
    /// @param timeout how long the client may take for a write, repeats included
    public static ClusterLoad start(String servers, int writers, Duration timeout) {
        ClusterLoad load =
                new ClusterLoad(
                        RidgelineClient.builder().servers(servers).timeout(timeout).build());
        for (int i = 0; i < writers; i++) {
            int writer = i;
            load.threads.add(
                    Thread.ofPlatform().name("writer-" + i).start(() -> load.write(writer)));
        }
        return load;
    }

    private void write(int writer) {
        String run = UUID.randomUUID().toString();
        for (int number = 0; !ending; number++) {
            String stream = "load-" + run + "-" + writer + "-" + number % STREAMS;
            long version = number / STREAMS;
            try {
                AppendResult result =
                        client.append(stream)
                                .expect(
                                        version == 0
                                                ? Expect.noStream()
                                                : Expect.version(version - 1))
                                .event("Written", "{\"number\":" + number + "}")
                                .send();
                acknowledged.add(
                        new Acknowledged(
                                result.eventIds().getFirst(),
                                result.partition(),
                                result.lastSequence(),
                                result.lastVersion()));
                count.incrementAndGet();
            } catch (RidgelineException e) {
                failures.add(e);
                return;
            }
        }
    }

    /// {@return how many writes were acknowledged so far}
    public long acknowledged() {
        return count.get();
    }

    /// {@return what the client's user was told other than success}
    public List<RidgelineException> failures() {
        return List.copyOf(failures);
    }

    /// Waits until so many further writes are acknowledged.
    public void awaitMore(long writes) {
        long goal = count.get() + writes;
        Awaitility.await("writes")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> count.get() >= goal || !failures.isEmpty());
        assertThat(failures).isEmpty();
    }

    /// Ends the writing once what is under way is answered.
    public void finish() {
        ending = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Fails unless all that was acknowledged is there, once, where the client was told.
    public void settle(History history) {
        for (Acknowledged each : List.copyOf(acknowledged)) {
            RecordedEvent event = history.find(Requests.bytes(each.id()));
            if (event == null) {
                throw new AssertionError("acknowledged, and lost: " + each);
            }
            assertThat(
                            new Acknowledged(
                                    each.id(),
                                    event.getPartition(),
                                    event.getSequence(),
                                    event.getVersion()))
                    .isEqualTo(each);
        }
    }

    @Override
    public void close() {
        finish();
        client.close();
    }
}
