package io.ridgeline.runtime.refusal;

/// Ends the work on a request that fails.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /// @param refusal what the caller is told
    public RefusedException(Refusal refusal) {
        // Where in our code a caller's mistake was found helps nobody and costs time.
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    /// {@return what the caller is told}
    public Refusal refusal() {
        return refusal;
    }
}
