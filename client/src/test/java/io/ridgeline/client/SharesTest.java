package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static SortedSet<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    /// Each partition is held by three nodes in a row, as in a ring.
    private static List<String> inARing(int partition, int nodes) {
        return IntStream.range(0, 3).mapToObj(i -> "n" + (partition + i) % nodes).toList();
    }

    @Test
    void everyPartitionIsDealtOnceToANodeThatHoldsIt() {
        for (int nodes = 4; nodes <= 9; nodes++) {
            int count = nodes;
            Map<String, SortedSet<Integer>> dealt =
                    Shares.deal(numbers(32), partition -> inARing(partition, count), Map.of());
            assertThat(dealt.values().stream().flatMap(each -> each.stream()))
                    .containsExactlyInAnyOrderElementsOf(numbers(32));
            dealt.forEach((node, partitions) ->
                    assertThat(partitions)
                            .allSatisfy(each -> assertThat(inARing(each, count)).contains(node)));
            int even = 32 / nodes;
            assertThat(dealt.values())
                    .hasSize(nodes)
                    .allSatisfy(each -> assertThat(each.size()).isBetween(even - 1, even + 2));
        }
    }

    @Test
    void partitionsWithoutChoiceComeFirst() {
        Map<String, SortedSet<Integer>> dealt =
                Shares.deal(
                        numbers(4),
                        partition -> partition < 2 ? List.of("a", "b") : List.of("a"),
                        Map.of());
        assertThat(dealt)
                .containsEntry("a", new TreeSet<>(List.of(2, 3)))
                .containsEntry("b", new TreeSet<>(List.of(0, 1)));
    }

    @Test
    void aNodeThatHasMuchAlreadyIsGivenLess() {
        Map<String, SortedSet<Integer>> dealt =
                Shares.deal(numbers(6), partition -> List.of("a", "b"), Map.of("a", 4));
        assertThat(dealt.get("a")).hasSize(1);
        assertThat(dealt.get("b")).hasSize(5);
    }

    @Test
    void aPartitionThatNoNodeCanTakeIsLeftOut() {
        Map<String, SortedSet<Integer>> dealt =
                Shares.deal(
                        numbers(3),
                        partition -> partition == 1 ? List.of() : List.of("a"),
                        Map.of());
        assertThat(dealt).containsExactly(Map.entry("a", new TreeSet<>(List.of(0, 2))));
    }
}
