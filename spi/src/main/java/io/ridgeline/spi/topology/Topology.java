package io.ridgeline.spi.topology;

import java.util.function.Consumer;

/// Knows the members of the cluster. Any thread may call it; no call blocks.
public interface Topology extends AutoCloseable {

    /// {@return the newest view}
    ClusterView view();

    /// Calls the listener for every later view, one call at a time, newest last; [#view] is then no
    /// older.
    void onChange(Consumer<ClusterView> listener);

    /// Stops listening and calling. Idempotent.
    @Override
    void close();
}
