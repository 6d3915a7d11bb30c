package io.ridgeline.cli;

import picocli.CommandLine.Option;

/// What every command understands.
final class CommonOptions {
    @Option(names = "--json", description = "Print JSON, one object per line.")
    boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;
}
