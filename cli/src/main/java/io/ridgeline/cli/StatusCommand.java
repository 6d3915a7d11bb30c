package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.client.NodeStatus;
import io.ridgeline.client.RidgelineClient;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "status", description = "Print how a node sees itself and its cluster.")
final class StatusCommand implements Callable<Integer> {
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @ParentCommand Ridgeline ridgeline;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();

    @Option(names = "--watch", description = "Print it again every second, until stopped.")
    boolean watch;

    @SuppressWarnings("NullAway.Init") // set by picocli
    StatusCommand() {}

    @Override
    public Integer call() {
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient client = server.connect(terminal)) {
            print(client.status(), terminal);
            while (watch && !Thread.currentThread().isInterrupted()) {
                terminal.flush();
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                NodeStatus status = client.status();
                if (terminal.outIsTerminal() && !common.json) {
                    terminal.line(CLEAR_SCREEN);
                }
                print(status, terminal);
            }
        }
        return 0;
    }

    private void print(NodeStatus status, Terminal terminal) {
        if (common.json) {
            JsonLines lines = new JsonLines(terminal.out());
            lines.status(status);
            lines.flush();
            return;
        }
        Style style = terminal.outStyle();
        terminal.line(
                "node "
                        + style.name(status.node())
                        + " of cluster "
                        + style.name(status.cluster())
                        + ", version "
                        + status.version()
                        + ", "
                        + (status.ready() ? style.good("ready") : style.bad("not ready")));
        terminal.line("");
        Table members = new Table("member", "state", "up", "clients at", "protocol");
        for (NodeStatus.Member member : status.members()) {
            members.row(
                    member.node(),
                    member.state(),
                    member.startedAt().map(StatusCommand::age).orElse("-"),
                    member.clientAddress().isEmpty() ? "-" : member.clientAddress(),
                    member.protocol().map(StatusCommand::protocol).orElse("-"));
        }
        members.lines(style).forEach(terminal::line);
        terminal.line("");
        Table partitions =
                new Table(
                        "partition",
                        "coordinator",
                        "epoch",
                        "events",
                        "unconfirmed",
                        "role here",
                        "replicas");
        long events = 0;
        for (NodeStatus.Partition partition : status.partitions()) {
            events += partition.watermark() + 1;
            partitions.row(
                    Integer.toUnsignedString(partition.partition()),
                    partition.coordinator().isEmpty() ? "-" : partition.coordinator(),
                    partition.epoch(),
                    "%,d".formatted(partition.watermark() + 1),
                    partition.unconfirmedEntries(),
                    partition.role().toLowerCase(java.util.Locale.ROOT),
                    String.join(" ", partition.replicas()));
        }
        partitions.lines(style).forEach(terminal::line);
        terminal.line("%,d events in %,d partitions".formatted(events, status.partitions().size()));
    }

    /// The version in use, and the others that the member speaks.
    private static String protocol(NodeStatus.Protocol protocol) {
        if (protocol.min() == protocol.max() && protocol.used() == protocol.min()) {
            return Integer.toString(protocol.used());
        }
        String range =
                protocol.min() == protocol.max()
                        ? Integer.toString(protocol.min())
                        : protocol.min() + "-" + protocol.max();
        return protocol.used() == 0 ? "none of " + range : protocol.used() + " of " + range;
    }

    private static String age(Instant startedAt) {
        Duration age = Duration.between(startedAt, Instant.now());
        if (age.toDays() > 0) {
            return age.toDays() + "d " + age.toHoursPart() + "h";
        } else if (age.toHours() > 0) {
            return age.toHours() + "h " + age.toMinutesPart() + "m";
        }
        return age.toMinutes() > 0
                ? age.toMinutes() + "m " + age.toSecondsPart() + "s"
                : Math.max(0, age.toSeconds()) + "s";
    }
}
