package io.ridgeline.client;

import java.nio.charset.StandardCharsets;

/// Strict UTF-8.
final class Utf8 {
    private Utf8() {}

    /// {@return the UTF-8 of a text}
    ///
    /// @throws IllegalArgumentException if a surrogate stands alone, which the JDK would silently
    ///   replace by a question mark, so that two names could become one
    static byte[] encode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    throw new IllegalArgumentException(
                            "half a surrogate pair at " + i + " of a text is not Unicode");
                }
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
