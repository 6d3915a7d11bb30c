package io.ridgeline.simulation.checker;

/// A promise that was broken.
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String promise;

    /// @param promise which one, in a word or two
    /// @param message what was found
    public Violation(String promise, String message) {
        super(promise + ": " + message);
        this.promise = promise;
    }

    /// {@return which promise, in a word or two}
    public String promise() {
        return promise;
    }
}
