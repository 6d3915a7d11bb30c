package io.ridgeline.topology.gossip;

import static io.ridgeline.topology.gossip.TestNode.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DropLogTest {
    private final List<String> lines = new ArrayList<>();
    private final DropLog log = new DropLog(lines::add, 0);
    private final InetSocketAddress from = TestNode.socket("n9");

    private void drop(Dropped.Cause cause, String text, double seconds) {
        log.onDropped(new Dropped(cause, text), from, nanos(seconds));
    }

    @Test
    void saysTheSameOnce() {
        for (int i = 0; i < 100; i++) {
            drop(Dropped.Cause.KEY, "wrong key", i * 60);
        }
        assertThat(lines).containsExactly("gossip from /10.0.0.1:5009 dropped: wrong key");
        assertThat(log.dropped(Dropped.Cause.KEY)).isEqualTo(100);
    }

    @Test
    void saysOneThingInTenSecondsForACauseAndHowManyItLeftOut() {
        for (int i = 0; i < 1_000; i++) {
            drop(Dropped.Cause.NOT_ALLOWED, "stranger " + i, i * 0.02);
        }
        drop(Dropped.Cause.KEY, "wrong key", 20);
        assertThat(lines)
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("stranger 0"),
                        line ->
                                assertThat(line)
                                        .endsWith("stranger 500 (499 more since the last line)"),
                        line -> assertThat(line).endsWith("wrong key"));
    }

    @Test
    void printsNothingThatAStrangerCouldWriteLinesWith() {
        drop(Dropped.Cause.CLUSTER, "it is of a\n2026-11-30 ERROR fake\u001b[2J", 0);
        assertThat(lines).singleElement().asString().doesNotContain("\n", "\u001b");
    }
}
