package io.ridgeline.runtime.node;

/// The version of this software.
public final class NodeVersion {
    private NodeVersion() {}

    /// {@return the version; `dev` if the build did not say}
    public static String text() {
        String version = NodeVersion.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
