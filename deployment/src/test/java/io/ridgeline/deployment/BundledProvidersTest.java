package io.ridgeline.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.QuarkusUnitTest;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import java.util.List;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A bundled provider that was built for another major version of the contracts stops the build.
class BundledProvidersTest {
    @RegisterExtension
    static final QuarkusUnitTest BUILD =
            new QuarkusUnitTest()
                    .withApplicationRoot(archive ->
                            archive.addClass(Outdated.class)
                                    .addAsResource(
                                            new StringAsset(Outdated.class.getName()),
                                            "META-INF/services/"
                                                    + QuorumPolicyProvider.class.getName()))
                    .assertException(failure -> {
                        Throwable root = failure;
                        while (root.getCause() != null) {
                            root = root.getCause();
                        }
                        assertThat(root.getClass().getName())
                                .isEqualTo(ConfigurationException.class.getName());
                        assertThat(root)
                                .hasMessageContaining(Outdated.class.getName())
                                .hasMessageContaining("version 99");
                    });

    @Test
    void isNotReached() {
        Assertions.fail("the build went through");
    }

    /// Built for a version that never was.
    public static final class Outdated implements QuorumPolicyProvider {
        @Override
        public String id() {
            return "outdated";
        }

        @Override
        public int spiMajor() {
            return 99;
        }

        @Override
        public List<ConfigKey> keys() {
            return List.of();
        }

        @Override
        public QuorumPolicy create(ProviderContext context) {
            throw new UnsupportedOperationException();
        }
    }
}
