package io.ridgeline.simulation.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventQueueTest {
    private final EventQueue queue = new EventQueue();
    private final List<String> happened = new ArrayList<>();

    @Test
    void eventsHappenInTheOrderOfTimeAndThenOfInsertion() {
        Seeded random = new Seeded(1);
        List<String> expected = new ArrayList<>();
        record Planned(long time, int order) {}
        List<Planned> plan = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            plan.add(new Planned(random.between(0, 50), i));
        }
        for (Planned each : plan) {
            queue.at(each.time(), () -> happened.add(each.time() + "/" + each.order()));
        }
        plan.stream()
                .sorted(
                        java.util.Comparator.comparingLong(Planned::time)
                                .thenComparingInt(Planned::order))
                .forEach(each -> expected.add(each.time() + "/" + each.order()));

        while (queue.step(50)) {
            // Counts on step to say when there is nothing left.
        }

        assertThat(happened).isEqualTo(expected);
        assertThat(queue.fired()).isEqualTo(2_000);
    }

    @Test
    void nothingHappensAfterTheBoundAndTheClockStopsThere() {
        queue.at(10, () -> happened.add("early"));
        queue.at(30, () -> happened.add("late"));

        assertThat(queue.step(20)).isTrue();
        assertThat(queue.step(20)).isFalse();

        assertThat(happened).containsExactly("early");
        assertThat(queue.now()).isEqualTo(20);
    }

    @Test
    void thePastIsNow() {
        queue.at(10, () -> queue.at(5, () -> happened.add("at " + queue.now())));

        while (queue.step(100)) {
            // Runs dry.
        }

        assertThat(happened).containsExactly("at 10");
    }
}
