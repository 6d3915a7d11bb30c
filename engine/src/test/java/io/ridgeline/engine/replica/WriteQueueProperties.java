package io.ridgeline.engine.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.ExecuteTransaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteQueueProperties {
    private final WriteQueue queue = new WriteQueue();

    /// The slow and obvious one.
    private final List<Place> places = new ArrayList<>();

    private record Place(@Nullable ExecuteTransaction request, long index) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithAListOfPlaces(long seed) {
        Random random = new Random(seed);
        long index = 100;
        long now = 0;
        for (int step = 0; step < 3_000; step++) {
            now += random.nextInt(3);
            int choice = random.nextInt(20);
            if (choice < 10 || places.isEmpty()) {
                ExecuteTransaction request =
                        Samples.request(random.nextInt(50), now + 1 + random.nextInt(400));
                index += 1 + random.nextInt(3);
                queue.add(request, index);
                places.add(new Place(request, index));
            } else if (choice < 17) {
                assertThat(queue.take()).isSameAs(places.removeFirst().request());
            } else if (choice == 17) {
                assertThat(queue.takeLast()).isSameAs(places.removeLast().request());
            } else {
                expireAll(now);
            }
            agrees();
        }
    }

    /// All that are due, and no others, come out; their places stay.
    private void expireAll(long now) {
        Set<ExecuteTransaction> due = new HashSet<>();
        for (int i = 0; i < places.size(); i++) {
            ExecuteTransaction request = places.get(i).request();
            if (request != null && request.deadlineNanos() <= now) {
                due.add(request);
                places.set(i, new Place(null, places.get(i).index()));
            }
        }
        Set<ExecuteTransaction> expired = new HashSet<>();
        for (ExecuteTransaction each; (each = queue.expire(now)) != null; ) {
            assertThat(expired.add(each)).isTrue();
        }
        assertThat(expired).isEqualTo(due);
        // Nothing is due any more, and the next look is not before something is.
        long next =
                places.stream()
                        .map(Place::request)
                        .filter(request -> request != null)
                        .mapToLong(ExecuteTransaction::deadlineNanos)
                        .min()
                        .orElse(Long.MAX_VALUE);
        if (!due.isEmpty()) {
            assertThat(queue.earliestDeadline()).isEqualTo(next);
        }
    }

    private void agrees() {
        assertThat(queue.size()).isEqualTo(places.size());
        assertThat(queue.bytes())
                .isEqualTo(
                        places.stream()
                                .map(Place::request)
                                .filter(request -> request != null)
                                .mapToLong(request -> request.transaction().lengthBytes())
                                .sum());
        assertThat(queue.firstIndex())
                .isEqualTo(places.isEmpty() ? Long.MAX_VALUE : places.getFirst().index());
        if (!places.isEmpty()) {
            assertThat(queue.lastIndex()).isEqualTo(places.getLast().index());
        }
        places.stream()
                .map(Place::request)
                .filter(request -> request != null)
                .forEach(request ->
                        assertThat(queue.earliestDeadline())
                                .isLessThanOrEqualTo(request.deadlineNanos()));
    }

    @Test
    void expiresExactlyAtTheDeadline() {
        ExecuteTransaction request = Samples.request(1, 50);
        queue.add(request, 1);

        assertThat(queue.earliestDeadline()).isEqualTo(50);
        assertThat(queue.expire(49)).isNull();
        assertThat(queue.expire(50)).isSameAs(request);
        assertThat(queue.size()).isEqualTo(1);
        assertThat(queue.bytes()).isZero();
        assertThat(queue.take()).isNull();
    }

    @Test
    void hasNoDeadlineOnceItIsEmpty() {
        queue.add(Samples.request(1, 50), 1);
        assertThat(queue.take()).isNotNull();

        assertThat(queue.earliestDeadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.firstIndex()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void saysHowLongItIsAndWhereItBegins() {
        for (int i = 1; i <= 6; i++) {
            queue.add(Samples.request(1, 50), i);
        }

        assertThat(queue).hasToString("6 writes [1, 2, 3, 4]");
    }
}
