package io.ridgeline.transport.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.transport.TransportIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFileTest {
    @TempDir Path folder;

    private IdentityFile file() {
        return new IdentityFile(folder.resolve("deep").resolve("identity.key"));
    }

    @Test
    void keepsAKeyThatOnlyItsOwnerCanRead() throws Exception {
        IdentityKey created = file().create();

        assertThat(file().load().peerId()).isEqualTo(created.peerId());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().path())))
                .isEqualTo("rw-------");
        try (Stream<Path> left = Files.list(folder.resolve("deep"))) {
            assertThat(left).containsExactly(file().path());
        }
    }

    @Test
    void isNeverReplaced() throws Exception {
        IdentityKey created = file().create();

        assertThatThrownBy(() -> file().create()).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file().loadOrCreate().peerId()).isEqualTo(created.peerId());
    }

    @Test
    void isMadeWhenItIsMissingAndAsked() throws Exception {
        assertThatThrownBy(() -> file().load()).isInstanceOf(NoSuchFileException.class);

        IdentityKey created = file().loadOrCreate();

        assertThat(file().load().peerId()).isEqualTo(created.peerId());
    }

    @Test
    void thatOthersCanReadIsRefused() throws Exception {
        file().create();
        Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> file().loadOrCreate())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rw-r-----");
    }

    @Test
    void thatIsNoPlainFileOrNoKeyIsRefused() throws Exception {
        Path real = folder.resolve("real");
        new IdentityFile(real).create();
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, real);
        Path garbage =
                Files.createFile(
                        folder.resolve("garbage"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));

        for (byte[] content : new byte[][] {{}, {8, 1}, new byte[2000]}) {
            Files.write(garbage, content);
            assertThatThrownBy(() -> new IdentityFile(garbage).load())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not an identity");
        }
        assertThatThrownBy(() -> new IdentityFile(link).load()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> new IdentityFile(folder).load()).isInstanceOf(IOException.class);
    }

    @Test
    void isShownWithTheAddressesAtWhichPeersReachTheNode() throws Exception {
        IdentityTool tool =
                new IdentityTool(
                        file().path(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 4001));

        TransportIdentity created = tool.create();

        assertThat(created.addresses().toString())
                .isEqualTo("[/ip4/127.0.0.1/tcp/4001/p2p/" + created.identity() + "]");
        assertThat(tool.show()).isEqualTo(created);
        assertThat(new IdentityTool(file().path(), new InetSocketAddress(7)).show().addresses())
                .isNotEmpty()
                .allMatch(address -> !address.contains("0.0.0.0"));
    }
}
