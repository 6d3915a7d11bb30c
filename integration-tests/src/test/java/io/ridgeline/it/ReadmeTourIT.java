package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.Outcome;
import io.ridgeline.spi.tck.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The tour of the README, as it is written there, in a folder of its own inside the checkout.
class ReadmeTourIT {
    /// Of three nodes, ten ports from one to the next, three each.
    private static final int CLUSTER_PORTS = 23;

    @Test
    void theTourGoesAsWritten() throws IOException {
        Path folder = Checkout.folder(ReadmeTourIT.class, "tour");
        Path script =
                Files.writeString(
                        folder.resolve("ridgeline"),
                        "#!/bin/sh\nexec '" + Checkout.script() + "' \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Files.createSymbolicLink(folder.resolve("examples"), Checkout.root().resolve("examples"));
        int port = Ports.tcp();
        Outcome outcome =
                Command.of(
                                folder,
                                Checkout.root().resolve("integration-tests/tour").toString(),
                                Checkout.root().resolve("README.md").toString())
                        .with("RIDGELINE_PORT", Integer.toString(port))
                        .with("RIDGELINE_MANAGEMENT_PORT", Integer.toString(Ports.tcp()))
                        .with("RIDGELINE_SERVER", "localhost:" + port)
                        .with("TOUR_BASE_PORT", Integer.toString(Ports.tcp(CLUSTER_PORTS)))
                        .run(Duration.ofMinutes(5));
        System.out.println(outcome.out());
        assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
        assertThat(outcome.out()).endsWith("tour: done\n");
    }
}
