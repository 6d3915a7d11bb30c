package io.ridgeline.cli;

import io.ridgeline.client.RidgelineClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What every command that talks to a server understands.
final class ServerOptions {
    private static final String DEFAULT = "localhost:8080";

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT[,…]",
            description = "The servers; RIDGELINE_SERVER, else " + DEFAULT + ".")
    @Nullable String servers;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long a request may take, retries included (${DEFAULT-VALUE}).")
    int timeoutSeconds;

    ServerOptions() {
        // Set by picocli before a command runs.
        spec = CommandSpec.create();
    }

    RidgelineClient connect(Terminal terminal) {
        return builder(terminal).failFast().build();
    }

    /// A client that rides out the loss of servers.
    RidgelineClient connectPatiently(Terminal terminal) {
        return builder(terminal).build();
    }

    private RidgelineClient.Builder builder(Terminal terminal) {
        if (timeoutSeconds <= 0) {
            throw new ParameterException(
                    spec.commandLine(), "--timeout must be above 0: " + timeoutSeconds);
        }
        String list = servers == null ? terminal.environment("RIDGELINE_SERVER", DEFAULT) : servers;
        RidgelineClient.Builder builder =
                RidgelineClient.builder()
                        .timeout(Duration.ofSeconds(timeoutSeconds))
                        .userAgent("ridgeline-cli");
        try {
            return builder.servers(list);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
