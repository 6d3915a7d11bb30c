package io.ridgeline.runtime.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The version of this software.
public final class NodeVersion {
    /// Where the build writes it.
    public static final String RESOURCE = "io/ridgeline/runtime/node/version.txt";

    private static final String TEXT = read();

    private NodeVersion() {}

    /// {@return the version}
    public static String text() {
        return TEXT;
    }

    private static String read() {
        try (InputStream in = NodeVersion.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IllegalStateException("the build has left out " + RESOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
