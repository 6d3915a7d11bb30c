package io.ridgeline.simulation.runner;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The command line of `simulation/run`.
///
/// @param seed the one seed to run, or null
/// @param seeds how many seeds, or 0
/// @param minutes for how long, or 0
/// @param from the first seed, or null for a random one
/// @param story whether a single seed's story is printed
record Options(
        @Nullable Long seed,
        long seeds,
        double minutes,
        @Nullable Long from,
        int jobs,
        boolean shrink,
        boolean mutants,
        @Nullable String mutant,
        boolean scenarios,
        boolean file,
        boolean story,
        boolean json) {

    static final String USAGE =
            """
            usage: simulation/run [--seed N | --seeds N | --minutes M] [--from N] [--jobs J]
                                  [--shrink] [--mutants] [--mutant NAME] [--scenarios] [--file]
                                  [--story] [--json]
              --seed N      run one seed
              --seeds N     run so many seeds
              --minutes M   run seeds for so long
              --from N      the first seed (default: random)
              --jobs J      threads (default: all cores)
              --shrink      make failing seeds smaller, and print their story and a diagram
              --mutants     look for a run that finds each mutant; --seeds limits the seeds of each
              --mutant NAME one mutant only, with --mutants, or in the run of --seed
              --scenarios   run the written-down schedules, with and without their rules
              --file        run the storage plugin over a simulated disk instead of the model
              --story       print the story of the seed
              --json        results as JSON
            """;

    /// A command line that says nothing useful.
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    static Options parse(String[] arguments) throws UsageException {
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        @Nullable Long seed = null;
        long seeds = 0;
        double minutes = 0;
        @Nullable Long from = null;
        int jobs = Runtime.getRuntime().availableProcessors();
        boolean shrink = false;
        boolean mutants = false;
        @Nullable String mutant = null;
        boolean scenarios = false;
        boolean file = false;
        boolean story = false;
        boolean json = false;
        while (!left.isEmpty()) {
            String option = left.remove();
            switch (option) {
                case "--seed" -> seed = number(option, left);
                case "--seeds" -> seeds = positive(option, left);
                case "--minutes" -> minutes = minutes(option, left);
                case "--from" -> from = number(option, left);
                case "--jobs" -> jobs = (int) Math.min(1_024, positive(option, left));
                case "--shrink" -> shrink = true;
                case "--mutants" -> mutants = true;
                case "--mutant" -> mutant = value(option, left);
                case "--scenarios" -> scenarios = true;
                case "--file" -> file = true;
                case "--story" -> story = true;
                case "--json" -> json = true;
                default -> throw new UsageException("unknown option " + option);
            }
        }
        int modes = (seed != null ? 1 : 0) + (seeds > 0 ? 1 : 0) + (minutes > 0 ? 1 : 0);
        if (modes > 1) {
            throw new UsageException("--seed, --seeds and --minutes exclude each other");
        }
        if (modes == 0 && !mutants && !scenarios) {
            throw new UsageException(
                    "what to run? --seed, --seeds, --minutes, --mutants or --scenarios");
        }
        return new Options(
                seed, seeds, minutes, from, jobs, shrink, mutants, mutant, scenarios, file, story,
                json);
    }

    private static String value(String option, Deque<String> left) throws UsageException {
        if (left.isEmpty()) {
            throw new UsageException(option + " needs a value");
        }
        return left.remove();
    }

    private static long number(String option, Deque<String> left) throws UsageException {
        String value = value(option, left);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new UsageException(option + " needs a whole number, not " + value);
        }
    }

    private static long positive(String option, Deque<String> left) throws UsageException {
        long value = number(option, left);
        if (value < 1) {
            throw new UsageException(option + " needs a number from 1 on, not " + value);
        }
        return value;
    }

    private static double minutes(String option, Deque<String> left) throws UsageException {
        String value = value(option, left);
        try {
            double minutes = Double.parseDouble(value);
            if (minutes > 0 && minutes < 1e6) {
                return minutes;
            }
        } catch (NumberFormatException e) {
            throw new UsageException(option + " needs a number, not " + value);
        }
        throw new UsageException(option + " needs a number above 0, not " + value);
    }
}
