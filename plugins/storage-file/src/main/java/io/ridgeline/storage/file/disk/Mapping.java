package io.ridgeline.storage.file.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The life of a mapped file, for any thread. On a JVM it ends when it is closed. In a native
/// executable no arena that threads share can be closed, so there the garbage collector ends it.
public final class Mapping implements AutoCloseable {
    /// Whether this is a native executable. A mapped page that cannot be read ends it; on a JVM it
    /// is an [InternalError].
    public static final boolean NATIVE =
            System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private final Arena arena = NATIVE ? Arena.ofAuto() : Arena.ofShared();

    /// Maps all that a file has now.
    public MemorySegment of(DiskFile file) throws IOException {
        return file.map(arena);
    }

    /// Ends it; nobody may use what was mapped any more.
    @Override
    public void close() {
        if (!NATIVE) {
            arena.close();
        }
    }
}
