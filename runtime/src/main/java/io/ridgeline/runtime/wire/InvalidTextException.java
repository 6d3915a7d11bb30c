package io.ridgeline.runtime.wire;

import org.jspecify.annotations.Nullable;

/// Bytes that are not the text that they should be.
final class InvalidTextException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidTextException(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }
}
