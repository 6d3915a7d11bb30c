package io.ridgeline.cli;

import io.ridgeline.client.Position;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Which events a command is about.
final class SourceOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @Option(names = "--stream", paramLabel = "S", description = "The events of this stream.")
    @Nullable String stream;

    @Option(
            names = "--partition-key",
            paramLabel = "K",
            description = "What the stream was written with, if not the stream itself.")
    @Nullable String partitionKey;

    @Option(names = "--partition", paramLabel = "P", description = "The events of this partition.")
    @Nullable Long partition;

    @Option(names = "--all", description = "The events of all partitions.")
    boolean all;

    SourceOptions() {
        // Set by picocli before a command runs.
        spec = CommandSpec.create();
    }

    Source source() {
        int given = (stream == null ? 0 : 1) + (partition == null ? 0 : 1) + (all ? 1 : 0);
        if (given != 1) {
            throw wrong("give one of --stream, --partition and --all");
        }
        if (partitionKey != null && stream == null) {
            throw wrong("--partition-key goes with --stream");
        }
        if (stream != null) {
            return partitionKey == null
                    ? Source.stream(stream)
                    : Source.stream(stream, partitionKey);
        }
        Long number = partition;
        if (number == null) {
            return Source.all();
        }
        if (number < 0 || number > 0xFFFF_FFFFL) {
            throw wrong("--partition is a number from 0 to 4294967295: " + number);
        }
        return Source.partition(number.intValue());
    }

    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /// {@return a number from 0}
    ///
    /// @param option what it was given for
    long number(String option, String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, with the option's name.
        }
        throw wrong(option + " is a number from 0: '" + text + "'");
    }

    /// {@return the position before the event with that sequence in every partition}
    static Position before(RidgelineClient client, long sequence) {
        TreeMap<Integer, Position.Place> places = new TreeMap<>();
        if (sequence > 0) {
            for (int partition : client.partitions()) {
                places.put(partition, new Position.Place(0, sequence - 1));
            }
        }
        return new Position(places);
    }
}
