package io.ridgeline.runtime.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// Checks that values are in their ranges and fit together.
final class ConfigChecks {
    private static final long MEBIBYTE = 1 << 20;
    private static final int HEARTBEATS_MIN = 4;
    private static final int REPLICAS_MAX = 7;
    private static final Pattern HOST_PORT =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]+]):[1-9][0-9]{0,4}");
    private static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");

    private ConfigChecks() {}

    static void check(RidgelineConfig config) {
        name("node", config.node());
        name("cluster", config.cluster());
        number("replicas", config.replicas(), 1, REPLICAS_MAX);
        config.advertise().ifPresent(ConfigChecks::advertise);
        number("port", config.port(), 0, 65_535);
        number("management-port", config.managementPort(), 0, 65_535);
        number("partitions", config.partitions(), 1, 4_096);
        autoOrNumber("buckets", config.buckets(), 64);
        duration("stop-grace", config.stopGrace());
        check(config.limits());
        check(config.timings());
        check(config.faultTolerance(), config.timings());
        autoOrNumber("reads.threads", config.reads().threads(), 256);
        size("reads.page-bytes", config.reads().pageBytes(), 4_096, 4 * MEBIBYTE);
        duration("reads.checkpoint-interval", config.reads().checkpointInterval());
        require(
                LEVELS.contains(config.log().level()),
                "log.level",
                config.log().level(),
                "one of " + String.join(", ", LEVELS));
    }

    private static void check(RidgelineConfig.Timings timings) {
        duration("timings.write-timeout", timings.writeTimeout());
        duration("timings.write-timeout-max", timings.writeTimeoutMax());
        duration("timings.read-timeout", timings.readTimeout());
        duration("timings.heartbeat", timings.heartbeat());
        duration("timings.detector", timings.detector());
        duration("timings.lost-connection", timings.lostConnection());
        duration("timings.takeover-step", timings.takeoverStep());
        duration("timings.takeover", timings.takeover());
        duration("timings.transfer", timings.transfer());
        duration("timings.sync-late", timings.syncLate());
        if (!timings.handBack().isZero()) {
            duration("timings.hand-back", timings.handBack());
        }
        atMost(
                "write-timeout",
                timings.writeTimeout(),
                "write-timeout-max",
                timings.writeTimeoutMax());
        // Three lost or late ones must not look like a death.
        require(
                timings.heartbeat().multipliedBy(HEARTBEATS_MIN).compareTo(timings.detector()) <= 0,
                "timings.detector",
                timings.detector().toString(),
                "at least "
                        + HEARTBEATS_MIN
                        + " times ridgeline.timings.heartbeat, "
                        + timings.heartbeat());
        atMost("lost-connection", timings.lostConnection(), "detector", timings.detector());
        atMost("takeover-step", timings.takeoverStep(), "takeover", timings.takeover());
    }

    private static void check(
            RidgelineConfig.FaultTolerance config, RidgelineConfig.Timings timings) {
        millis("fault-tolerance.append-timeout", config.appendTimeout());
        millis("fault-tolerance.bound-timeout", config.boundTimeout());
        millis("fault-tolerance.retry-delay", config.retryDelay());
        number("fault-tolerance.appends", config.appends(), 1, 1_000_000);
        number("fault-tolerance.bounds", config.bounds(), 1, 1_000_000);
        bounded(
                "fault-tolerance.append-timeout",
                config.appendTimeout(),
                "write-timeout-max",
                timings.writeTimeoutMax());
        bounded(
                "fault-tolerance.bound-timeout",
                config.boundTimeout(),
                "read-timeout",
                timings.readTimeout());
        require(
                config.retryDelay().multipliedBy(10).compareTo(timings.readTimeout()) <= 0,
                "fault-tolerance.retry-delay",
                config.retryDelay().toString(),
                "at most a tenth of ridgeline.timings.read-timeout, " + timings.readTimeout());
        RidgelineConfig.Circuit circuit = config.circuit();
        number("fault-tolerance.circuit.requests", circuit.requests(), 1, 10_000);
        number("fault-tolerance.circuit.probes", circuit.probes(), 1, 1_000);
        millis("fault-tolerance.circuit.delay", circuit.delay());
        require(
                circuit.failureRatio() > 0 && circuit.failureRatio() <= 1,
                "fault-tolerance.circuit.failure-ratio",
                Double.toString(circuit.failureRatio()),
                "a number above 0 up to 1");
    }

    /// What the library counts in milliseconds.
    private static void millis(String key, Duration value) {
        duration(key, value);
        require(value.toMillis() > 0, key, value.toString(), "at least 1 ms");
    }

    private static void atMost(String key, Duration value, String other, Duration bound) {
        bounded("timings." + key, value, other, bound);
    }

    private static void bounded(String key, Duration value, String other, Duration bound) {
        require(
                value.compareTo(bound) <= 0,
                key,
                value.toString(),
                "at most ridgeline.timings." + other + ", " + bound);
    }

    private static void name(String key, String value) {
        try {
            NodeId checked = new NodeId(value);
            require(checked.name().equals(value), key, value, "a name");
        } catch (IllegalArgumentException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            "ridgeline." + key,
                            value,
                            "1 to 63 characters of a-z, A-Z, 0-9, ., _, -");
            failure.initCause(e);
            throw failure;
        }
    }

    private static void advertise(String address) {
        require(
                HOST_PORT.matcher(address).matches(),
                "advertise",
                address,
                "host:port, such as db1.example.org:8080 or [2001:db8::1]:8080");
    }

    private static void check(RidgelineConfig.Limits limits) {
        size("limits.event-bytes", limits.eventBytes(), 1, 16 * MEBIBYTE);
        size("limits.transaction-bytes", limits.transactionBytes(), 1_024, 16 * MEBIBYTE);
        number("limits.transaction-events", limits.transactionEvents(), 1, 100_000);
        number("limits.name-bytes", limits.nameBytes(), 1, 8_192);
        number("limits.event-tags", limits.eventTags(), 0, 1_024);
        number("limits.queued-appends", limits.queuedAppends(), 1, 10_000_000);
        long transaction = limits.transactionBytes().asLongValue();
        size("limits.queued-bytes", limits.queuedBytes(), transaction, Long.MAX_VALUE);
        number("limits.call-appends", limits.callAppends(), 1, 1_000_000);
        size("limits.call-bytes", limits.callBytes(), transaction, Integer.MAX_VALUE);
        number("limits.subscriptions", limits.subscriptions(), 1, 1_000_000);
        require(
                limits.eventBytes().asLongValue() <= transaction,
                "limits.event-bytes",
                limits.eventBytes().asLongValue() + " bytes",
                "at most ridgeline.limits.transaction-bytes, " + transaction);
    }

    private static void number(String key, long value, long min, long max) {
        require(
                value >= min && value <= max,
                key,
                Long.toString(value),
                "a whole number from " + min + " to " + max);
    }

    private static void autoOrNumber(String key, String value, int max) {
        if (value.equals("auto")) {
            return;
        }
        String expected = "auto or a whole number from 1 to " + max;
        try {
            int number = Integer.parseInt(value);
            require(number >= 1 && number <= max, key, value, expected);
        } catch (NumberFormatException e) {
            ConfigurationException failure =
                    new ConfigurationException("ridgeline." + key, value, expected);
            failure.initCause(e);
            throw failure;
        }
    }

    private static void size(String key, MemorySize value, long min, long max) {
        require(
                value.asLongValue() >= min && value.asLongValue() <= max,
                key,
                value.asLongValue() + " bytes",
                max == Long.MAX_VALUE
                        ? "at least " + min + " bytes"
                        : min + " to " + max + " bytes");
    }

    private static void duration(String key, Duration value) {
        require(
                value.isPositive() && value.compareTo(Duration.ofDays(1)) <= 0,
                key,
                value.toString(),
                "a duration above 0 and at most a day, such as 250ms, 2s or 5m");
    }

    private static void require(boolean holds, String key, String value, String expected) {
        if (!holds) {
            throw new ConfigurationException("ridgeline." + key, value, expected);
        }
    }
}
