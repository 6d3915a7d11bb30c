package io.ridgeline.runtime.provider;

import java.net.URL;
import java.net.URLClassLoader;

/// Loads one external provider from its jars. Of ours it sees the contracts and the annotations
/// that they carry, and nothing else, so that a provider can bring any version of any library.
final class ProviderClassLoader extends URLClassLoader {
    static {
        registerAsParallelCapable();
    }

    ProviderClassLoader(String folder, URL[] jars) {
        super("provider " + folder, jars, new Contracts());
    }

    /// The platform's classes and the contracts.
    private static final class Contracts extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        private static final ClassLoader OURS = ProviderClassLoader.class.getClassLoader();

        Contracts() {
            super("contracts", ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("io.ridgeline.spi.") || name.startsWith("org.jspecify.")) {
                return OURS.loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
