package io.ridgeline.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.tck.EventStorageContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The storage contract, with segments and runs so small that everything happens.
class FileStorageContractTest extends EventStorageContract {
    @Override
    protected EventStorageProvider provider() {
        return new FileStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of(
                "segment-size", "64K", "cache-size", "8K", "heads", "4", "index-events", "200");
    }

    @Override
    protected void damage(Path dataFolder, ByteBuffer entry) throws IOException {
        byte[] wanted = new byte[entry.remaining()];
        entry.get(wanted);
        int found = 0;
        for (Path segment : files(dataFolder)) {
            if (!segment.toString().contains("segment-")) {
                continue;
            }
            byte[] bytes = Files.readAllBytes(segment);
            for (int at = 0; at + wanted.length <= bytes.length; at++) {
                if (matches(bytes, at, wanted)) {
                    bytes[at + wanted.length - 3] ^= 4;
                    found++;
                }
            }
            Files.write(segment, bytes);
        }
        assertThat(found).isEqualTo(1);
    }

    private static boolean matches(byte[] bytes, int at, byte[] wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).toList();
        }
    }

    @Override
    protected void empty(Path dataFolder) throws IOException {
        List<Path> all;
        try (Stream<Path> paths = Files.walk(dataFolder)) {
            all =
                    paths.filter(path -> !path.equals(dataFolder))
                            .sorted(Comparator.reverseOrder())
                            .toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
