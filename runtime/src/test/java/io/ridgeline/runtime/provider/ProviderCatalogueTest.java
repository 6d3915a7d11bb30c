package io.ridgeline.runtime.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Providers that strangers compiled, in jars of their own.
class ProviderCatalogueTest {
    @TempDir Path folder;

    private static String source(String id, int major, String body) {
        return """
        package stranger;
        public class Policy implements io.ridgeline.spi.quorum.QuorumPolicyProvider {
            public String id() { return "%s"; }
            public int spiMajor() { return %d; }
            public java.util.List<io.ridgeline.spi.config.ConfigKey> keys() {
                return java.util.List.of(
                        new io.ridgeline.spi.config.ConfigKey("w", "1", "W"));
            }
            public io.ridgeline.spi.quorum.QuorumPolicy create(
                    io.ridgeline.spi.ProviderContext context) {
                %s
                return n -> io.ridgeline.spi.quorum.Quorum.forWrite(
                        n, (int) context.config().number("w", 1, 9));
            }
        }
        """
                .formatted(id, major, body);
    }

    private void provider(String name, String id, int major, String body) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("src-" + name).resolve("stranger"));
        Path source = sources.resolve("Policy.java");
        Files.writeString(source, source(id, major, body));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int result =
                compiler.run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(result).isZero();
        Path jar = providers().resolve(name).resolve("policy.jar");
        Files.createDirectories(jar.getParent());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry("stranger/Policy.class"));
            out.write(Files.readAllBytes(sources.resolve("Policy.class")));
            out.putNextEntry(
                    new JarEntry("META-INF/services/" + QuorumPolicyProvider.class.getName()));
            out.write("stranger.Policy\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    private Path providers() {
        return folder.resolve("providers");
    }

    private QuorumPolicyProvider get(String id) {
        return ProviderCatalogue.of(providers())
                .get(ProviderKind.QUORUM, QuorumPolicyProvider.class, id);
    }

    private ProviderContext context(QuorumPolicyProvider provider) {
        return new ProviderContext(
                new NodeId("n1"),
                folder,
                new ProviderConfig("ridgeline.quorum.x", provider.keys(), Map.of("w", "2")));
    }

    @Test
    void areFoundBesideTheBundledOnes() throws IOException {
        provider("mine", "mine", 1, "");
        assertThat(ProviderCatalogue.of(providers()).ids(ProviderKind.QUORUM))
                .containsExactly("majority", "mine");
        QuorumPolicyProvider provider = get("mine");
        assertThat(provider.create(context(provider)).quorum(3).write()).isEqualTo(2);
    }

    @Test
    void ofOneClassNameDoNotSeeEachOther() throws IOException {
        provider("a", "first", 1, "");
        provider("b", "second", 1, "");
        assertThat(get("first").getClass().getName()).isEqualTo(get("second").getClass().getName());
        assertThat(ProviderCatalogue.of(providers()).ids(ProviderKind.QUORUM))
                .containsExactly("first", "majority", "second");
    }

    @Test
    void seeTheContractsAndTheJdkAndNothingElseOfOurs() throws IOException {
        int number = 0;
        for (String name :
                List.of(
                        "io.ridgeline.runtime.node.Node",
                        "io.ridgeline.engine.Shard",
                        "io.grpc.Status",
                        "org.jboss.logging.Logger")) {
            String id = "p" + number++;
            provider(
                    id,
                    id,
                    1,
                    "try { Class.forName(\""
                            + name
                            + "\"); } catch (ClassNotFoundException e) {"
                            + " throw new IllegalStateException(\"unseen\"); }");
            QuorumPolicyProvider provider = get(id);
            assertThatThrownBy(() -> provider.create(context(provider)))
                    .as(name)
                    .hasMessage("unseen");
        }
        provider("jdk", "jdk", 1, "java.net.http.HttpClient.newHttpClient().close();");
        QuorumPolicyProvider provider = get("jdk");
        assertThat(provider.create(context(provider)).quorum(3).write()).isEqualTo(2);
    }

    private void refuses(String... parts) {
        assertThatThrownBy(() -> ProviderCatalogue.of(providers()))
                .isInstanceOf(ConfigurationException.class)
                .message()
                .contains(parts);
    }

    @Test
    void ofAnotherMajorVersionStopTheStart() throws IOException {
        provider("old", "old", 99, "");
        refuses("stranger.Policy", "version 99", "this node has 1.");
    }

    @Test
    void withATakenIdStopTheStart() throws IOException {
        provider("twin", "majority", 1, "");
        refuses("have the id majority", "stranger.Policy", "bundled");
    }

    @Test
    void withAnIdThatIsNoneStopTheStart() throws IOException {
        provider("odd", "Odd Id", 1, "");
        refuses("\"Odd Id\"");
    }

    @Test
    void thatCannotBeLoadedStopTheStart() throws IOException {
        provider("broken", "broken", 1, "");
        Path jar = providers().resolve("broken").resolve("policy.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(
                    new JarEntry("META-INF/services/" + QuorumPolicyProvider.class.getName()));
            out.write("stranger.Missing\n".getBytes(StandardCharsets.UTF_8));
        }
        refuses("broken", "stranger.Missing");
    }

    @Test
    void withoutJarsStopTheStart() throws IOException {
        Files.createDirectories(providers().resolve("empty"));
        refuses("empty", "no *.jar");
    }

    @Test
    void needNoFolder() {
        assertThat(ProviderCatalogue.of(providers()).ids(ProviderKind.STORAGE))
                .containsExactly("file");
    }
}
