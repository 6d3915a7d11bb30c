package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.api.v1.SubscribeRequest.AllSource;
import io.ridgeline.api.v1.SubscribeRequest.PartitionSource;
import io.ridgeline.api.v1.SubscribeRequest.StreamSource;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.it.events.Follower;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Readers that begin at random moments and places while others write
/// (`-Dit.subscription.readers=`): each sees exactly what the log says.
class SubscriptionIT {
    private static final int STREAMS = 12;
    private static final int LIVE_EVENTS = 150;

    private static Node node;
    private static ExecutorService threads;
    private static Future<?> writer;
    private static final AtomicBoolean WRITING = new AtomicBoolean(true);

    private final Random random = Checkout.random(SubscriptionIT.class);

    @BeforeAll
    static void writeAllTheTime() {
        node = Node.on(Checkout.folder(SubscriptionIT.class, "load").resolve("data")).start();
        threads = Executors.newFixedThreadPool(5);
        Random seed = new Random(1);
        for (int stream = 0; stream < STREAMS; stream++) {
            node.events().append(transaction("stream-" + stream, seed));
        }
        writer = threads.submit(SubscriptionIT::write);
    }

    @AfterAll
    static void stop() {
        WRITING.set(false);
        threads.shutdownNow();
        node.close();
    }

    @Test
    void aReaderSeesAGaplessPrefixWithoutDuplicatesWhereverItBegins() throws Exception {
        int readers = Checkout.setting("it.subscription.readers", 100);
        List<Future<List<Follower>>> runs = new ArrayList<>();
        for (int reader = 0; reader < readers; reader++) {
            Random own = new Random(random.nextLong());
            runs.add(threads.submit(() -> follow(own)));
        }
        List<List<Follower>> followers = new ArrayList<>();
        for (Future<List<Follower>> run : runs) {
            followers.add(run.get());
        }
        WRITING.set(false);
        writer.get();

        History history = History.of(node.events());
        followers.forEach(parts -> compare(parts, history));
        System.out.printf("SubscriptionIT: %d readers of %d events%n", readers, history.size());
    }

    /// One reader: from a random place to some way beyond the seam, and half of the time a second
    /// one that resumes at a checkpoint of the first.
    private static List<Follower> follow(Random random) {
        Map<Integer, Long> watermarks = watermarks();
        SubscribeRequest request = anywhere(random, watermarks);
        List<Follower> parts = new ArrayList<>();
        try (Follower first = Follower.start(node.events(), request)) {
            first.until(first::isLive);
            if (isFromTheEnd(request)) {
                assertThat(first.events())
                        .as("events from the end")
                        .allMatch(event ->
                                event.getSequence()
                                        > watermarks.getOrDefault(event.getPartition(), -1L));
            }
            int more = 1 + random.nextInt(LIVE_EVENTS);
            some(first, more);
            parts.add(first);
            if (!request.hasStream() && random.nextBoolean()) {
                int checkpoints = first.checkpoints();
                first.until(() -> first.checkpoints() > checkpoints);
                SubscribeRequest later = resumed(request, first.checkpoint());
                try (Follower second = Follower.start(node.events(), later)) {
                    some(second, more);
                    parts.add(second);
                }
            }
        }
        return parts;
    }

    /// Reads on for so many events, or, where the filter lets nothing through, for some
    /// checkpoints.
    private static void some(Follower follower, int more) {
        int events = follower.events().size() + more;
        int checkpoints = follower.checkpoints() + 5;
        follower.until(
                () -> follower.events().size() >= events || follower.checkpoints() >= checkpoints);
    }

    /// {@return the last confirmed sequence of each partition that has events}
    private static Map<Integer, Long> watermarks() {
        Map<Integer, Long> watermarks = new TreeMap<>();
        node.admin().getStatus(GetStatusRequest.getDefaultInstance()).getPartitionsList().stream()
                .filter(each -> each.getWatermark() >= 0)
                .forEach(each -> watermarks.put(each.getPartition(), each.getWatermark()));
        return watermarks;
    }

    private static boolean isFromTheEnd(SubscribeRequest request) {
        return request.getStream().hasEnd()
                || request.getPartition().hasEnd()
                || request.getAll().hasEnd();
    }

    private static SubscribeRequest anywhere(Random random, Map<Integer, Long> watermarks) {
        SubscribeRequest.Builder request = SubscribeRequest.newBuilder();
        boolean atTheEnd = random.nextInt(4) == 0;
        boolean fromTheStart = random.nextInt(3) == 0;
        List<Integer> partitions = List.copyOf(watermarks.keySet());
        int partition = partitions.get(random.nextInt(partitions.size()));
        long watermark = watermarks.getOrDefault(partition, 0L);
        long from = fromTheStart ? 0 : random.nextLong(watermark + 1);
        switch (random.nextInt(3)) {
            case 0 -> {
                RecordedEvent event = eventAt(partition, from);
                StreamSource.Builder source =
                        request.getStreamBuilder().setStream(event.getStream());
                if (atTheEnd) {
                    source.setEnd(SubscribeRequest.End.getDefaultInstance());
                } else {
                    source.setFromVersion(event.getVersion());
                }
            }
            case 1 -> {
                PartitionSource.Builder source =
                        request.getPartitionBuilder().setPartition(partition);
                if (atTheEnd) {
                    source.setEnd(SubscribeRequest.End.getDefaultInstance());
                } else {
                    source.setFromSequence(from);
                }
            }
            default -> {
                AllSource.Builder source = request.getAllBuilder();
                if (atTheEnd) {
                    source.setEnd(SubscribeRequest.End.getDefaultInstance());
                } else if (!fromTheStart) {
                    source.setAfter(
                            Position.newBuilder()
                                    .addPartitions(
                                            PartitionPosition.newBuilder()
                                                    .setPartition(partition)
                                                    .setSequence(from)));
                }
            }
        }
        if (!request.hasStream() && random.nextBoolean()) {
            request.setFilter(anyFilter(random));
        }
        return request.setCheckpointEvents(1 + random.nextInt(100)).build();
    }

    private static RecordedEvent eventAt(int partition, long sequence) {
        return node.events()
                .readPartition(
                        ReadPartitionRequest.newBuilder()
                                .setPartition(partition)
                                .setFromSequence(sequence)
                                .setLimit(1)
                                .build())
                .next()
                .getEvents(0);
    }

    private static Filter anyFilter(Random random) {
        Filter.Builder filter = Filter.newBuilder();
        switch (random.nextInt(3)) {
            case 0 -> filter.addStreamPrefixes("stream-1").addStreamPrefixes("stream-2");
            case 1 -> filter.addTypes("Type1").addTypes("Type2");
            default -> filter.addTags(Tag.newBuilder().setKey("shade").setValue("dark"));
        }
        if (random.nextInt(3) == 0) {
            filter.addTags(Tag.newBuilder().setKey("shade").setValue("dark"));
        }
        return filter.build();
    }

    private static SubscribeRequest resumed(SubscribeRequest request, Position checkpoint) {
        SubscribeRequest.Builder later = request.toBuilder();
        if (request.hasPartition()) {
            PartitionPosition only = checkpoint.getPartitions(0);
            assertThat(only.getPartition()).isEqualTo(request.getPartition().getPartition());
            later.getPartitionBuilder().setFromSequence(only.getSequence() + 1);
        } else {
            later.getAllBuilder().setAfter(checkpoint);
        }
        return later.build();
    }

    /// What a reader saw is what the log has, from where the reader began to where it stopped, and
    /// nothing else.
    private static void compare(List<Follower> parts, History history) {
        for (Follower part : parts) {
            Map<Integer, List<RecordedEvent>> seen = new HashMap<>();
            part.events()
                    .forEach(event ->
                            seen.computeIfAbsent(event.getPartition(), any -> new ArrayList<>())
                                    .add(event));
            history.partitions()
                    .forEach((partition, events) -> {
                        Predicate<RecordedEvent> wanted = wanted(part, partition);
                        List<RecordedEvent> expected = events.stream().filter(wanted).toList();
                        List<RecordedEvent> found = seen.getOrDefault(partition, List.of());
                        assertThat(found.equals(expected))
                                .as(
                                        "partition %d: %d events seen, %d expected by %s",
                                        partition, found.size(), expected.size(), part.request())
                                .isTrue();
                    });
        }
    }

    private static Predicate<RecordedEvent> wanted(Follower part, int partition) {
        SubscribeRequest request = part.request();
        long last = part.reached(partition);
        Predicate<RecordedEvent> wanted = event -> event.getSequence() <= last;
        wanted = wanted.and(event -> matches(request.getFilter(), event));
        return switch (request.getSourceCase()) {
            case STREAM -> {
                String name = request.getStream().getStream();
                wanted = wanted.and(event -> event.getStream().equals(name));
                if (request.getStream().hasEnd()) {
                    long first = beginning(part, partition);
                    yield wanted.and(event -> event.getSequence() >= first);
                }
                long first = request.getStream().getFromVersion();
                yield wanted.and(event -> event.getVersion() >= first);
            }
            case PARTITION -> {
                if (request.getPartition().getPartition() != partition) {
                    yield event -> false;
                }
                long first =
                        request.getPartition().hasEnd()
                                ? beginning(part, partition)
                                : request.getPartition().getFromSequence();
                yield wanted.and(event -> event.getSequence() >= first);
            }
            case ALL -> {
                long first =
                        request.getAll().hasEnd()
                                ? beginning(part, partition)
                                : behind(request.getAll().getAfter(), partition);
                yield wanted.and(event -> event.getSequence() >= first);
            }
            case SOURCE_NOT_SET -> throw new AssertionError("nothing was asked for");
        };
    }

    /// Where a reader began that asked for the end: events may come between its call and the seam,
    /// and what it saw of them has no gap.
    private static long beginning(Follower part, int partition) {
        return part.events().stream()
                .filter(event -> event.getPartition() == partition)
                .mapToLong(RecordedEvent::getSequence)
                .findFirst()
                .stream()
                .reduce(behind(part.caughtUp(), partition), Math::min);
    }

    private static long behind(Position position, int partition) {
        return position.getPartitionsList().stream()
                .filter(each -> each.getPartition() == partition)
                .mapToLong(each -> each.getSequence() + 1)
                .findFirst()
                .orElse(0);
    }

    private static boolean matches(Filter filter, RecordedEvent event) {
        return (filter.getStreamPrefixesCount() == 0
                        || filter.getStreamPrefixesList().stream()
                                .anyMatch(event.getStream()::startsWith))
                && (filter.getTypesCount() == 0 || filter.getTypesList().contains(event.getType()))
                && event.getTagsList().containsAll(filter.getTagsList());
    }

    private static void write() {
        Random random = new Random(2);
        while (WRITING.get()) {
            node.events().append(transaction("stream-" + random.nextInt(STREAMS), random));
        }
    }

    private static AppendRequest transaction(String stream, Random random) {
        AppendRequest.Builder request = AppendRequest.newBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String shade = random.nextBoolean() ? "dark" : "light";
            request.addEvents(
                    Requests.event(stream, "Type" + random.nextInt(4), "{}").toBuilder()
                            .addTags(Tag.newBuilder().setKey("shade").setValue(shade)));
        }
        return request.build();
    }
}
