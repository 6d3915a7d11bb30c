package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A stranger's provider, compiled here against the contracts alone and dropped into a folder.
class ProviderIT {
    private static final String SOURCE =
            """
            package acme;

            import io.ridgeline.spi.ProviderContext;
            import io.ridgeline.spi.config.ConfigKey;
            import io.ridgeline.spi.quorum.Quorum;
            import io.ridgeline.spi.quorum.QuorumPolicy;
            import io.ridgeline.spi.quorum.QuorumPolicyProvider;
            import java.io.IOException;
            import java.io.UncheckedIOException;
            import java.nio.file.Files;
            import java.util.List;

            public final class EveryReplica implements QuorumPolicyProvider {
                public String id() {
                    return "every-replica";
                }

                public int spiMajor() {
                    return SPI_MAJOR;
                }

                public List<ConfigKey> keys() {
                    return List.of(new ConfigKey("greeting", "hello", "What it says."));
                }

                public QuorumPolicy create(ProviderContext context) {
                    try {
                        Files.writeString(
                                Files.createDirectories(context.dataFolder().resolve(id()))
                                        .resolve("seen"),
                                context.config().text("greeting")
                                        + visible("io.ridgeline.engine.Shard")
                                        + visible("io.grpc.Status"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return replicas -> Quorum.forWrite(replicas, replicas);
                }

                private static String visible(String name) {
                    try {
                        Class.forName(name);
                        return ", sees " + name;
                    } catch (ClassNotFoundException e) {
                        return ", does not see " + name;
                    }
                }
            }
            """;

    private Path folder;

    @BeforeEach
    void emptyFolder() {
        folder = Checkout.folder(ProviderIT.class, "node");
    }

    @Test
    void isSelectedByConfigurationAndSeesNothingOfOurs() throws IOException {
        install(1);
        try (Node node =
                plan().with("ridgeline.quorum.type", "every-replica")
                        .with("ridgeline.quorum.every-replica.greeting", "good morning")
                        .start()) {
            assertThat(node.data().resolve("every-replica/seen"))
                    .hasContent(
                            "good morning, does not see io.ridgeline.engine.Shard,"
                                    + " does not see io.grpc.Status");
        }
    }

    @Test
    void isNotUsedUnlessItIsSelected() throws IOException {
        install(1);
        try (Node node = plan().start()) {
            assertThat(node.data().resolve("every-replica")).doesNotExist();
        }
    }

    @Test
    void ofAnotherMajorVersionIsRefusedByName() throws IOException {
        install(99);
        Outcome refused = plan().startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("acme.EveryReplica", "99", "1.");
    }

    @Test
    void thatDoesNotExistIsRefusedWithWhatExists() throws IOException {
        install(1);
        Outcome refused = plan().with("ridgeline.quorum.type", "every-replika").startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("ridgeline.quorum.type", "every-replika", "every-replica", "majority");
    }

    @Test
    void itsMisspelledKeysAreRefusedWithTheNearestOne() throws IOException {
        install(1);
        Outcome refused =
                plan().with("ridgeline.quorum.type", "every-replica")
                        .with("ridgeline.quorum.every-replica.greting", "hi")
                        .startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("ridgeline.quorum.every-replica.greting")
                .contains("ridgeline.quorum.every-replica.greeting");
    }

    @Test
    void isRefusedByANativeExecutable() throws IOException {
        assumeTrue(Checkout.isNative());
        compile(1);
        Outcome refused = plan().startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("every-replica", "a native executable loads no jars");
    }

    private Node.Plan plan() {
        return Node.on(folder.resolve("data"))
                .with("ridgeline.providers", folder.resolve("providers").toString());
    }

    /// For a JVM, which can load it.
    private void install(int spiMajor) throws IOException {
        assumeFalse(Checkout.isNative());
        compile(spiMajor);
    }

    private void compile(int spiMajor) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path source =
                Files.writeString(
                        folder.resolve("EveryReplica.java"),
                        SOURCE.replace("SPI_MAJOR", Integer.toString(spiMajor)));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int result =
                compiler.run(
                        null,
                        null,
                        null,
                        "-d",
                        classes.toString(),
                        "-classpath",
                        contracts(),
                        "-proc:none",
                        source.toString());
        assertThat(result).as("compiled").isZero();
        Path home = Files.createDirectories(folder.resolve("providers/every-replica"));
        try (JarOutputStream jar =
                new JarOutputStream(Files.newOutputStream(home.resolve("every-replica.jar")))) {
            jar.putNextEntry(new JarEntry("acme/EveryReplica.class"));
            jar.write(Files.readAllBytes(classes.resolve("acme/EveryReplica.class")));
            jar.putNextEntry(
                    new JarEntry("META-INF/services/io.ridgeline.spi.quorum.QuorumPolicyProvider"));
            jar.write("acme.EveryReplica\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    /// {@return the class path of the contracts and nothing else of ours}
    private static String contracts() {
        List<String> found =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(part ->
                                part.matches(
                                        ".*(ridgeline-spi-[0-9].*\\.jar|/spi/target/.*|jspecify.*\\.jar)"))
                        .toList();
        assertThat(found).as("the contracts").isNotEmpty();
        return String.join(File.pathSeparator, found);
    }
}
