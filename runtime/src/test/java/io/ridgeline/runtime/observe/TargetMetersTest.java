package io.ridgeline.runtime.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.runtime.remote.Forward;
import io.ridgeline.runtime.remote.RemoteSettings;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TargetMetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Targets targets =
            new Targets(
                    new RemoteSettings(
                            Duration.ofSeconds(2),
                            Duration.ofSeconds(1),
                            10,
                            10,
                            Duration.ofMillis(10),
                            2,
                            1,
                            Duration.ofHours(1),
                            1));

    @Test
    void showHowRequestsEndAndHowManyCircuitsAreOpen() {
        targets.onNew(target -> TargetMeters.register(target, registry));
        Forward pending = forward(1);
        assertThat(pending.begin(node -> "")).isNull();
        for (int i = 0; i < 2; i++) {
            Forward forward = forward(2);
            assertThat(forward.begin(node -> "")).isNull();
            forward.end(
                    new AppendResult.Indeterminate(
                            new PartitionId(2), AppendResult.Indeterminate.Cause.TIMEOUT));
        }
        assertThat(forward(2).begin(node -> "")).isNotNull();

        assertThat(requests("failed")).isEqualTo(2);
        assertThat(requests("circuit_open")).isEqualTo(1);
        assertThat(requests("answered")).isZero();
        assertThat(registry.get("ridgeline.remote.pending").tag("node", "b").gauge().value())
                .isEqualTo(1);
        assertThat(circuits("open")).isEqualTo(1);
        assertThat(circuits("half_open")).isZero();
        assertThat(circuits("closed")).isEqualTo(1);
    }

    private Forward forward(int partition) {
        return targets.forward(
                new PartitionId(partition), new NodeId("b"), TimeUnit.SECONDS.toNanos(5));
    }

    private double requests(String outcome) {
        return registry.get("ridgeline.remote.requests")
                .tags("node", "b", "kind", "append", "outcome", outcome)
                .functionCounter()
                .count();
    }

    private double circuits(String state) {
        return registry.get("ridgeline.remote.circuits")
                .tags("node", "b", "state", state)
                .gauge()
                .value();
    }
}
