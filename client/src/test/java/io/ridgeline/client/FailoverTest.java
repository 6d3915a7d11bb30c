package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Two servers of one store.
class FailoverTest {
    private final MemoryStore store = new MemoryStore();
    private final FakeServer first = new FakeServer(store, "n1");
    private final FakeServer second = new FakeServer(store, "n2");
    private final RidgelineClient client =
            RidgelineClient.connect(first.address() + "," + second.address());

    @AfterEach
    void close() {
        first.release();
        client.close();
        first.close();
        second.close();
    }

    @Test
    void appendsGoOnAtTheOtherServer() {
        client.append("a").event("T", "1").send();
        assertThat(first.messages()).hasSize(1);
        first.stop();
        client.append("a").event("T", "2").send();
        assertThat(second.messages()).hasSize(1);
        assertThat(store.stream("", "a")).hasSize(2);
    }

    @Test
    void whatWasUnderWayTakesEffectOnce() {
        first.hold();
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            results.add(client.append("a").event("T", Integer.toString(i)).sendAsync());
        }
        await().until(() -> !first.messages().isEmpty());
        first.stop();
        results.forEach(CompletableFuture::join);
        assertThat(store.stream("", "a")).hasSize(100);
    }

    @Test
    void readsAndSubscriptionsGoOnAtTheOtherServer() {
        for (int i = 0; i < 30; i++) {
            client.append("a").event("T", Integer.toString(i)).send();
        }
        List<Long> versions = Collections.synchronizedList(new ArrayList<>());
        try (Subscription _ =
                client.subscribe(Source.stream("a"))
                        .start(event -> versions.add(event.version()))) {
            await().until(() -> versions.size() == 30);
            first.stop();
            client.append("a").event("T", "30").send();
            await().until(() -> versions.size() == 31);
            assertThat(versions).isSorted().doesNotHaveDuplicates();
        }
        assertThat(client.read(Source.stream("a")).stream()).hasSize(31);
        assertThat(client.status().node()).isEqualTo("n2");
    }

    @Test
    void theHintToTheCoordinatorIsFollowedAndRemembered() {
        FakeServer third = new FakeServer(store, "n3");
        try {
            first.refuse(request ->
                    Optional.of(
                            MemoryStore.error(
                                    io.ridgeline.api.v1.ErrorCode.NOT_COORDINATOR,
                                    "not I",
                                    Map.of(
                                            "coordinator",
                                            "n3",
                                            "coordinator_address",
                                            third.address()))));
            second.refuse(request ->
                    Optional.of(
                            MemoryStore.error(
                                    io.ridgeline.api.v1.ErrorCode.QUORUM_UNAVAILABLE,
                                    "too few",
                                    Map.of())));
            client.append("a").event("T", "1").send();
            int before = first.messages().size();
            client.append("a").event("T", "2").send();
            client.append("a").event("T", "3").send();
            assertThat(first.messages()).hasSize(before);
            assertThat(third.messages()).hasSize(3);
            assertThat(store.stream("", "a")).hasSize(3);
        } finally {
            third.close();
        }
    }
}
