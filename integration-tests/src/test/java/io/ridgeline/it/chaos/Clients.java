package io.ridgeline.it.chaos;

import io.ridgeline.client.EventData;
import io.ridgeline.client.EventHandler;
import io.ridgeline.client.Expect;
import io.ridgeline.client.Outcome;
import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.RidgelineException;
import io.ridgeline.client.Source;
import io.ridgeline.client.Subscription;
import io.ridgeline.client.VersionConflictException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// The cluster's clients, each a thread that writes, reads or follows until told to end, and notes
/// what it was told.
final class Clients implements AutoCloseable {
    private static final int OWN_WRITERS = 4;
    private static final int SHARED_WRITERS = 4;
    private static final int SHARED_STREAMS = 2;
    private static final int FREE_WRITERS = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(6);

    private final Chronicle chronicle;
    private final int partitions;
    private final RidgelineClient all;
    private final List<RidgelineClient> single = new ArrayList<>();
    private final List<Follower> handlers = new ArrayList<>();
    private final List<Subscription> followers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    /// Starts them.
    ///
    /// @param servers of the nodes
    Clients(Chronicle chronicle, List<String> servers, int partitions, Random random) {
        this.chronicle = chronicle;
        this.partitions = partitions;
        all = client(String.join(",", servers));
        for (String server : servers) {
            RidgelineClient one = client(server);
            single.add(one);
            Follower handler = new Follower("a follower of " + server);
            handlers.add(handler);
            followers.add(one.subscribe(Source.all()).start(handler));
        }
        for (int i = 0; i < OWN_WRITERS; i++) {
            String stream = "own-" + i;
            start(random, mine -> writeOwn(stream, mine));
        }
        for (int i = 0; i < SHARED_WRITERS; i++) {
            String stream = "shared-" + i % SHARED_STREAMS;
            start(random, mine -> writeShared(stream, mine));
        }
        for (int i = 0; i < FREE_WRITERS; i++) {
            start(random, this::writeAnywhere);
        }
        single.forEach(one -> start(random, mine -> readLocal(one, mine)));
        start(random, this::readLinearizable);
    }

    private static RidgelineClient client(String servers) {
        return RidgelineClient.builder()
                .servers(servers)
                .timeout(TIMEOUT)
                .readTimeout(TIMEOUT)
                .build();
    }

    private interface Task {
        void once(Random random) throws InterruptedException;
    }

    private void start(Random seeds, Task task) {
        Random random = new Random(seeds.nextLong());
        threads.add(
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                task.once(random);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (RuntimeException | AssertionError e) {
                                chronicle.broken(e);
                            }
                        }));
    }

    /// The only writer of its stream, at exact versions: it never meets a conflict, and repeats
    /// what it does not know of until it does.
    private void writeOwn(String stream, Random random) throws InterruptedException {
        long version = -1;
        while (!ending) {
            Attempt attempt =
                    attemptUntilKnown(
                            stream,
                            stream,
                            Expect.version(version),
                            ids(1 + random.nextInt(3)),
                            random);
            switch (attempt.answer()) {
                case Attempt.Acknowledged done -> {
                    if (done.lastVersion() != version + attempt.ids().size()) {
                        throw new AssertionError("after version " + version + ": " + attempt);
                    }
                    version = done.lastVersion();
                }
                case Attempt.NothingHappened nothing -> {
                    if (nothing.isConflict()) {
                        throw new AssertionError(
                                "nobody else writes behind version %d: %s"
                                        .formatted(version, attempt));
                    }
                }
                case Attempt.Unknown _ -> {
                    // The end came first; what is there in the end is whole, or nothing.
                }
            }
            pause(random, 4);
        }
    }

    /// One of several writers of a stream, at exact versions.
    private void writeShared(String stream, Random random) throws InterruptedException {
        long version = -1;
        while (!ending) {
            Attempt attempt = attempt(stream, stream, Expect.version(version), ids(1));
            if (attempt.answer() instanceof Attempt.Acknowledged done) {
                version = done.lastVersion();
            } else if (attempt.answer() instanceof Attempt.NothingHappened nothing
                    && nothing.isConflict()) {
                version = nothing.currentVersion();
            }
            pause(random, 6);
        }
    }

    /// Writes to any stream, whatever is there; repeats some of what was acknowledged.
    private void writeAnywhere(Random random) throws InterruptedException {
        List<UUID> last = List.of();
        String lastStream = "";
        while (!ending) {
            boolean again = !last.isEmpty() && random.nextInt(20) == 0;
            String stream = again ? lastStream : "free-" + random.nextInt(40);
            List<UUID> ids = again ? last : ids(1 + random.nextInt(8));
            Attempt attempt = send(stream, stream, Expect.any(), ids, System.nanoTime());
            boolean isDone = attempt.answer() instanceof Attempt.Acknowledged;
            // A repeat that is refused did nothing itself; what it repeats is there all the same.
            if (isDone || !again) {
                chronicle.add(attempt);
            }
            if (attempt.answer() instanceof Attempt.Acknowledged done) {
                if (again && !done.duplicate()) {
                    throw new AssertionError("it was acknowledged before: " + attempt);
                }
                last = ids;
                lastStream = stream;
            }
            pause(random, 2);
        }
    }

    private static List<UUID> ids(int count) {
        return IntStream.range(0, count)
                .mapToObj(_ ->
                        new UUID(
                                ThreadLocalRandom.current().nextLong(),
                                ThreadLocalRandom.current().nextLong()))
                .toList();
    }

    /// What nobody knew once, a later call that did nothing does not settle: the answer is that of
    /// the first call that is known, or that nobody knows.
    private Attempt attemptUntilKnown(
            String key, String stream, Expect expect, List<UUID> ids, Random random)
            throws InterruptedException {
        long sent = System.nanoTime();
        boolean isOpen = false;
        while (true) {
            Attempt last = send(key, stream, expect, ids, sent);
            isOpen |= last.answer() instanceof Attempt.Unknown;
            if (isOpen && !last.answer().isDecisive()) {
                if (!ending) {
                    pause(random, 20);
                    continue;
                }
                Attempt.Answer unknown = new Attempt.Unknown("" + last.answer());
                last = new Attempt(key, stream, ids, sent, last.answeredNanos(), unknown);
            }
            chronicle.add(last);
            return last;
        }
    }

    private Attempt attempt(String key, String stream, Expect expect, List<UUID> ids) {
        Attempt attempt = send(key, stream, expect, ids, System.nanoTime());
        chronicle.add(attempt);
        return attempt;
    }

    private Attempt send(String key, String stream, Expect expect, List<UUID> ids, long sent) {
        Attempt.Answer answer;
        try {
            var append = all.append(stream).partitionKey(key).expect(expect);
            for (UUID id : ids) {
                append.event(EventData.json("Happened", "{\"id\":\"" + id + "\"}").withId(id));
            }
            answer = Attempt.Acknowledged.of(append.send());
        } catch (VersionConflictException e) {
            answer = Attempt.NothingHappened.conflict(e.currentVersion());
        } catch (RidgelineException e) {
            String why = e.code() + ": " + e.getMessage();
            answer =
                    e.outcome() == Outcome.UNKNOWN
                            ? new Attempt.Unknown(why)
                            : new Attempt.NothingHappened(why);
        }
        return new Attempt(key, stream, ids, sent, System.nanoTime(), answer);
    }

    /// Reads the end of a partition from one node's own disk.
    private void readLocal(RidgelineClient one, Random random) throws InterruptedException {
        while (!ending) {
            int partition = random.nextInt(partitions);
            long known = chronicle.acknowledged().getOrDefault(partition, 0L);
            long from = Math.max(0, known - random.nextInt(30));
            try (var events = one.read(Source.partition(partition)).from(from).limit(50).stream()) {
                note("a local read", partition, from, events.toList());
            } catch (RidgelineException e) {
                requireTransient(e);
            }
            pause(random, 20);
        }
    }

    /// Reads what was acknowledged before, by whomever.
    private void readLinearizable(Random random) throws InterruptedException {
        while (!ending) {
            int partition = random.nextInt(partitions);
            long known = chronicle.acknowledged().getOrDefault(partition, -1L);
            long from = Math.max(0, known);
            try (var events =
                    all
                            .read(Source.partition(partition))
                            .from(from)
                            .limit(20)
                            .linearizable()
                            .stream()) {
                List<RecordedEvent> found = events.toList();
                if (known >= 0 && found.isEmpty()) {
                    throw new AssertionError(
                            "%d:%d was acknowledged before a linearizable read that did not show it"
                                    .formatted(partition, known));
                }
                note("a linearizable read", partition, from, found);
            } catch (RidgelineException e) {
                requireTransient(e);
            }
            pause(random, 10);
        }
    }

    private void note(String what, int partition, long from, List<RecordedEvent> events) {
        long next = from;
        for (RecordedEvent event : events) {
            if (event.partition() != partition || event.sequence() != next++) {
                throw new AssertionError(
                        "%s of %d:%d got %s".formatted(what, partition, next - 1, event));
            }
        }
        chronicle.add(
                new Chronicle.Sighting(
                        what, partition, from, events.stream().map(RecordedEvent::id).toList()));
    }

    private static void requireTransient(RidgelineException e) {
        switch (e.code()) {
            case QUORUM_UNAVAILABLE,
                    NOT_COORDINATOR,
                    NOT_REPLICA,
                    OVERLOADED,
                    TIMEOUT,
                    NOT_READY,
                    CIRCUIT_OPEN,
                    UNAVAILABLE -> {
                // The faults of the hour.
            }
            default -> throw new AssertionError("not to be expected of a read: " + e, e);
        }
    }

    private static void pause(Random random, int millisMax) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(millisMax + 1));
    }

    /// Sees every event once, in order, whatever happens to its node.
    private final class Follower implements EventHandler {
        private final String name;

        /// Read by another thread once the subscription is closed.
        private final SortedMap<Integer, List<UUID>> seen = new ConcurrentSkipListMap<>();

        Follower(String name) {
            this.name = name;
        }

        @Override
        public void onEvent(RecordedEvent event) {
            List<UUID> ids =
                    seen.computeIfAbsent(
                            event.partition(),
                            any -> Collections.synchronizedList(new ArrayList<>()));
            if (event.sequence() != ids.size()) {
                throw new AssertionError(
                        "%s saw %d events of its partition, then %s"
                                .formatted(name, ids.size(), event));
            }
            ids.add(event.id());
        }

        void conclude() {
            seen.forEach((partition, ids) ->
                    chronicle.add(new Chronicle.Sighting(name, partition, 0, ids)));
        }
    }

    /// Ends writers and readers; followers go on.
    void finish() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (thread.isAlive()) {
                throw new AssertionError("a client hangs: " + List.of(thread.getStackTrace()));
            }
        }
    }

    /// {@return whether every follower has seen the last event of each partition}
    ///
    /// @param ends the last sequence of each partition; -1 for none
    boolean followersHave(Map<Integer, Long> ends) {
        for (Subscription each : followers) {
            if (each.done().isDone()) {
                each.done().join();
            }
            for (Map.Entry<Integer, Long> end : ends.entrySet()) {
                var place = each.position().partitions().get(end.getKey());
                long seen = place == null ? -1 : place.sequence();
                if (seen < end.getValue()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Ends the followers, and notes what they saw.
    void conclude() {
        followers.forEach(Subscription::close);
        handlers.forEach(Follower::conclude);
    }

    @Override
    public void close() {
        ending = true;
        followers.forEach(Subscription::close);
        single.forEach(RidgelineClient::close);
        all.close();
    }
}
