package io.ridgeline.it.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Where the build has put what is tested, and where tests may write.
public final class Checkout {
    private Checkout() {}

    /// {@return the root of the checkout}
    public static Path root() {
        return Path.of(System.getProperty("ridgeline.root", "..")).toAbsolutePath().normalize();
    }

    /// {@return the script that users start}
    public static Path script() {
        return existing(root().resolve("ridgeline"));
    }

    /// {@return whether nodes are a native executable, `-Dit.executable=`, and not on a JVM}
    public static boolean isNative() {
        return !executable().isEmpty();
    }

    static String executable() {
        return System.getProperty("it.executable", "");
    }

    /// {@return a new and empty folder for a test}
    public static Path folder(Class<?> test, String name) {
        Path folder =
                Path.of(System.getProperty("ridgeline.work", "target/it"))
                        .toAbsolutePath()
                        .resolve(test.getSimpleName())
                        .resolve(name);
        try {
            delete(folder);
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Removes a folder with what is in it, if it is there.
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path dir, @Nullable IOException failure) throws IOException {
                        Files.delete(dir);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// {@return a source of random choices whose seed is printed, and set by `-Dit.seed=`}
    public static Random random(Class<?> test) {
        return new Random(seed(test));
    }

    /// {@return a seed that is printed, and set by `-Dit.seed=`}
    public static long seed(Class<?> test) {
        String given = System.getProperty("it.seed", "");
        long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        System.out.println(test.getSimpleName() + ": -Dit.seed=" + seed);
        return seed;
    }

    /// {@return a whole number that the build hands over}
    public static int setting(String name, int otherwise) {
        return Integer.getInteger(name, otherwise);
    }

    private static Path existing(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalStateException(
                    file + " is missing; build it first: ./mvnw -q package -DskipTests");
        }
        return file;
    }
}
