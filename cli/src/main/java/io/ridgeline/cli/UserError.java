package io.ridgeline.cli;

import java.util.Map;

/// Something that the user can do something about, in the words of the contract: a code, a message
/// for a person, details for a program.
public final class UserError extends RuntimeException {
    private final String code;
    private final String message;
    private final transient Map<String, Object> details;

    /// An error with details.
    public UserError(String code, String message, Map<String, Object> details) {
        super(message);
        this.code = code;
        this.message = message;
        this.details = Map.copyOf(details);
    }

    @Override
    public String getMessage() {
        return message;
    }

    String code() {
        return code;
    }

    Map<String, Object> details() {
        return details;
    }
}
