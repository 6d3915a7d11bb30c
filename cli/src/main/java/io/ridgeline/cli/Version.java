package io.ridgeline.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What `--version` prints.
final class Version implements IVersionProvider {
    @Spec @Nullable CommandSpec spec;

    @Override
    public String[] getVersion() {
        @Nullable String known = Version.class.getPackage().getImplementationVersion();
        // Outside of a jar there is none.
        String version = known == null ? "unknown" : known;
        boolean json = spec != null && ((Ridgeline) spec.root().userObject()).common.json;
        return new String[] {
            json ? "{\"version\":\"" + version + "\"}" : "ridgeline " + version,
        };
    }
}
