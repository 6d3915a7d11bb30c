package io.ridgeline.cli.load;

/// A line that cannot be taken.
final class LineException extends RuntimeException {
    private final long line;

    LineException(long line, String message) {
        super(message);
        this.line = line;
    }

    long line() {
        return line;
    }
}
