package io.ridgeline.topology.gossip;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secret that all nodes of a cluster share: who has it may send datagrams. Gossip's thread
/// only.
final class ClusterKey {
    /// Bytes of a datagram's code.
    static final int CODE_BYTES = 32;

    private static final int KEY_BYTES_MIN = 32;
    private static final int FILE_BYTES_MAX = 4_096;
    private static final String ALGORITHM = "HmacSHA256";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Mac mac;

    ClusterKey(byte[] key) {
        if (key.length < KEY_BYTES_MIN) {
            throw new IllegalArgumentException(
                    key.length + " bytes, a cluster key has at least " + KEY_BYTES_MIN);
        }
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /// {@return the key in a file}
    ///
    /// @throws IOException saying what is wrong with the file
    static ClusterKey load(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("there is no such file");
        }
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
            if (!OWNER_ONLY.containsAll(found)) {
                throw new IOException(
                        "it has permissions "
                                + PosixFilePermissions.toString(found)
                                + ": whoever reads it can send as a node of the cluster; expected"
                                + " rw-------");
            }
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException("it is longer than " + FILE_BYTES_MAX + " bytes");
        }
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
            return new ClusterKey(Base64.getDecoder().decode(text.strip()));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "it is not at least "
                            + KEY_BYTES_MIN
                            + " bytes in base64, such as openssl rand"
                            + " -base64 32 prints",
                    e);
        }
    }

    /// {@return the code of the first bytes}
    byte[] code(byte[] bytes, int length) {
        mac.update(bytes, 0, length);
        return mac.doFinal();
    }

    /// {@return whether the bytes behind the first ones are their code; takes the same time if not}
    boolean fits(byte[] bytes, int length) {
        byte[] found = new byte[CODE_BYTES];
        System.arraycopy(bytes, length, found, 0, CODE_BYTES);
        return MessageDigest.isEqual(found, code(bytes, length));
    }
}
