package io.ridgeline.spi.event;

/// Bytes that are no transaction, or no entry. Whoever sent or stored them is wrong; nothing of
/// them may be used.
public final class MalformedTransactionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was found and what was expected
    public MalformedTransactionException(String message) {
        super(message);
    }
}
