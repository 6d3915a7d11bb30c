package io.ridgeline.spi;

import io.ridgeline.spi.config.ConfigKey;
import java.util.List;

/// Makes one implementation of a contract, and is named in `META-INF/services`. Bundled providers
/// are checked when the server is built; others come as `providers/<name>/*.jar`, each folder in a
/// class loader of its own that sees these contracts, JSpecify and the JDK. Both are found with
/// [java.util.ServiceLoader].
///
/// Selected by `ridgeline.<contract>.type=<id>`, configured by `ridgeline.<contract>.<id>.<key>`. A
/// provider has a public constructor without arguments, keeps no state and is used from one thread.
public interface Provider {

    /// {@return what selects this provider: lower case letters, digits and `-`}
    String id();

    /// {@return the [SpiVersion#MAJOR] that this provider was built for, as a literal: the constant
    /// would be read from the running system's copy by some compilers}
    int spiMajor();

    /// {@return every key that this provider reads; any other key below its prefix stops the start}
    List<ConfigKey> keys();
}
