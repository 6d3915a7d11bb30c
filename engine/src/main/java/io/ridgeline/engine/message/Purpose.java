package io.ridgeline.engine.message;

/// Why a page is wanted.
public enum Purpose {
    /// To follow the coordinator.
    FOLLOW(1),
    /// To adopt the log of a replica that promised.
    ADOPT(2),
    /// To put back damaged entries.
    REPAIR(3),
    /// To learn what is confirmed while nobody coordinates.
    LEARN(4);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Purpose of(int code) {
        return switch (code) {
            case 1 -> FOLLOW;
            case 2 -> ADOPT;
            case 3 -> REPAIR;
            case 4 -> LEARN;
            default -> throw new MalformedMessageException("purpose " + code);
        };
    }
}
