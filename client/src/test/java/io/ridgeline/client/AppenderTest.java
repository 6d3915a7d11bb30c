package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AppenderTest {
    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    private final RidgelineClient client = RidgelineClient.connect(server.address());

    @AfterEach
    void close() {
        server.release();
        client.close();
        server.close();
    }

    private Append event(String stream, int number) {
        return client.append(stream).event("T", Integer.toString(number));
    }

    private List<Integer> numbersOf(String stream) {
        return store.stream("", stream).stream()
                .map(it -> Integer.valueOf(it.getData().toStringUtf8()))
                .toList();
    }

    @Test
    void keepsTheOrderOfAKeyThoughSomeAreRefusedOrLost() {
        AtomicInteger calls = new AtomicInteger();
        server.refuse(request ->
                calls.incrementAndGet() % 7 == 0
                        ? Optional.of(
                                MemoryStore.error(
                                        io.ridgeline.api.v1.ErrorCode.OVERLOADED, "busy", Map.of()))
                        : Optional.empty());
        try (Appender appender = client.appender()) {
            for (int i = 0; i < 400; i++) {
                appender.add(event("s" + i % 20, i));
                if (i == 100 || i == 250) {
                    server.loseAnswers(1);
                }
            }
        }
        for (int s = 0; s < 20; s++) {
            int first = s;
            assertThat(numbersOf("s" + s))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 20).mapToObj(i -> first + 20 * i).toList());
        }
    }

    @Test
    void hasOneOfAKeyUnderWayAtATime() {
        server.hold();
        Appender appender = client.appender();
        appender.add(event("a", 0));
        appender.add(event("a", 1));
        appender.add(event("b", 2));
        await().until(() -> sent().size() == 2);
        assertThat(sent().stream().map(it -> it.getEvents(0).getStream()))
                .containsExactlyInAnyOrder("a", "b");
        server.release();
        appender.flush();
        assertThat(numbersOf("a")).containsExactly(0, 1);
    }

    private List<AppendRequest> sent() {
        return server.messages().stream()
                .map(AppendStreamRequest::getAppendsList)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void letsTheCallerWaitWhenItsWindowIsFull() throws Exception {
        server.hold();
        Appender appender = client.appender(10, Appender.Recovery.NONE);
        AtomicInteger added = new AtomicInteger();
        CompletableFuture<Void> adding =
                CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 30; i++) {
                        appender.add(event("s" + i, i));
                        added.incrementAndGet();
                    }
                });
        await().until(() -> added.get() == 10 && sent().size() == 10);
        server.release();
        adding.get(10, TimeUnit.SECONDS);
        appender.flush();
        assertThat(store.size()).isEqualTo(30);
    }

    @Test
    void stopsAtTheFirstFailure() {
        Appender appender = client.appender();
        server.hold();
        CompletableFuture<@Nullable AppendResult> bad =
                appender.track(client.append("a").expect(Expect.version(7)).event("T", "0"));
        List<CompletableFuture<@Nullable AppendResult>> behind = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            behind.add(appender.track(event("a", i)));
        }
        server.release();
        assertThatThrownBy(appender::flush).isInstanceOf(VersionConflictException.class);
        assertThatThrownBy(bad::join).hasCauseInstanceOf(VersionConflictException.class);
        for (CompletableFuture<@Nullable AppendResult> one : behind) {
            assertThatThrownBy(one::join)
                    .cause()
                    .extracting(it -> ((RidgelineException) it).code())
                    .isEqualTo(ErrorCode.CANCELLED);
        }
        assertThatThrownBy(() -> appender.add(event("b", 1)))
                .isInstanceOf(VersionConflictException.class);
        assertThat(store.size()).isZero();
        client.append("a").event("T", "1").send();
    }

    @Test
    void putsWhatTheRecoverySaysInThePlaceOfAFailure() {
        Appender appender =
                client.appender(
                        100,
                        (append, failure) ->
                                CompletableFuture.completedStage(
                                        List.of(event("a", 10), event("a", 11))));
        appender.add(event("a", 0));
        CompletableFuture<@Nullable AppendResult> replaced =
                appender.track(client.append("a").expect(Expect.noStream()).event("T", "1"));
        appender.add(event("a", 2));
        appender.flush();
        assertThat(numbersOf("a")).containsExactly(0, 10, 11, 2);
        AppendResult result = replaced.join();
        assertThat(result).isNotNull();
        assertThat(result.lastVersion()).isEqualTo(2);
    }

    @Test
    void skipsWhatTheRecoverySaysIsNotNeeded() {
        Appender appender =
                client.appender(
                        100, (append, failure) -> CompletableFuture.completedStage(List.of()));
        CompletableFuture<@Nullable AppendResult> skipped =
                appender.track(client.append("a").expect(Expect.version(9)).event("T", "1"));
        appender.add(event("a", 2));
        appender.flush();
        assertThat(skipped.join()).isNull();
        assertThat(numbersOf("a")).containsExactly(2);
    }
}
