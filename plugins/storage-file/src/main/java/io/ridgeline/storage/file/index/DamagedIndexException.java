package io.ridgeline.storage.file.index;

/// An index that is not what was written. The log itself is not affected: indexes can be made anew.
public final class DamagedIndexException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedIndexException(String message) {
        super(message);
    }
}
