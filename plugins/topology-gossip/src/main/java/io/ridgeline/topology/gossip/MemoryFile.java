package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// The file of a node's [Memory]: complete or absent, replaced in one step, durable once written.
///
/// Layout, version 1, big-endian: `RLGOSSIP`; u8 version; strings cluster and node; u64
/// incarnation; u8 number of fingerprints, each u64; labels; u16 number of founders, each string
/// and labels; u16 number of states, each u16 length and bytes, u8 length and signature; CRC-32C of
/// all that, u32. A string is as [DataOutputStream#writeUTF] writes it; labels are u8 number, each
/// two strings.
final class MemoryFile {
    private static final byte[] MAGIC = {'R', 'L', 'G', 'O', 'S', 'S', 'I', 'P'};
    private static final int VERSION = 1;
    private static final int FILE_BYTES_MAX = 1 << 20;

    private final Path folder;
    private final Path file;
    private final String cluster;
    private final NodeId self;

    /// @param folder made if it is not there
    MemoryFile(Path folder, String cluster, NodeId self) {
        this.folder = folder;
        this.file = folder.resolve("members");
        this.cluster = cluster;
        this.self = self;
    }

    /// {@return what is kept; empty if there is no file}
    ///
    /// @throws ConfigurationException if it is another cluster's or node's, or damaged
    Optional<Memory> load() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("it is longer than " + FILE_BYTES_MAX + " bytes");
            }
            return Optional.of(decode(Files.readAllBytes(file)));
        } catch (IOException | Dropped | IllegalArgumentException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            file
                                    + " cannot be used: "
                                    + e.getMessage()
                                    + "; if the cluster is founded, remove it, and name a member"
                                    + " in ridgeline.topology.gossip.seeds");
            failure.initCause(e);
            throw failure;
        }
    }

    private Memory decode(byte[] bytes) throws IOException {
        int content = bytes.length - Integer.BYTES;
        if (content < MAGIC.length + 1) {
            throw new IOException("it ends early");
        }
        if (!ByteBuffer.wrap(bytes, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new IOException("it is something else");
        }
        int version = bytes[MAGIC.length] & 0xFF;
        if (version != VERSION) {
            throw new IOException("it is of version " + version + ", known is " + VERSION);
        }
        if (ByteBuffer.wrap(bytes).getInt(content) != crc(bytes, content)) {
            throw new IOException("its checksum is wrong");
        }
        int start = MAGIC.length + 1;
        DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(bytes, start, content - start));
        requireOurs(in.readUTF(), in.readUTF());
        long incarnation = in.readLong();
        List<Long> vote = new ArrayList<>();
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            vote.add(in.readLong());
        }
        SortedMap<String, String> labels = labels(in);
        SortedMap<NodeId, SortedMap<String, String>> founders = new TreeMap<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            founders.put(new NodeId(in.readUTF()), labels(in));
        }
        List<SignedState> others = new ArrayList<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            byte[] state = in.readNBytes(in.readUnsignedShort());
            others.add(new SignedState(state, in.readNBytes(in.readUnsignedByte())));
        }
        return new Memory(incarnation, vote, labels, founders, others);
    }

    private void requireOurs(String foundCluster, String foundNode) {
        if (!foundCluster.equals(cluster)) {
            throw new ConfigurationException(
                    "ridgeline.cluster", cluster, foundCluster + ", whose members are in " + file);
        }
        if (!foundNode.equals(self.name())) {
            throw new ConfigurationException(
                    "ridgeline.node", self.name(), foundNode + ", whose memory is " + file);
        }
    }

    private static SortedMap<String, String> labels(DataInputStream in) throws IOException {
        SortedMap<String, String> labels = new TreeMap<>();
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            labels.put(in.readUTF(), in.readUTF());
        }
        return labels;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /// Replaces what is kept, and waits for the disk.
    ///
    /// @throws UncheckedIOException if that failed; what was kept before is still there
    void save(Memory memory) {
        try {
            byte[] bytes = encode(memory);
            Files.createDirectories(folder);
            Path temporary = folder.resolve("members.tmp");
            try (FileChannel channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the members in " + file, e);
        }
    }

    private byte[] encode(Memory memory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(MAGIC);
        out.writeByte(VERSION);
        out.writeUTF(cluster);
        out.writeUTF(self.name());
        out.writeLong(memory.incarnation());
        out.writeByte(memory.vote().size());
        for (long each : memory.vote()) {
            out.writeLong(each);
        }
        labels(memory.labels(), out);
        out.writeShort(memory.founders().size());
        for (var each : memory.founders().entrySet()) {
            out.writeUTF(each.getKey().name());
            labels(each.getValue(), out);
        }
        out.writeShort(memory.others().size());
        for (SignedState each : memory.others()) {
            byte[] state = each.bytes();
            byte[] signature = each.signature();
            out.writeShort(state.length);
            out.write(state);
            out.writeByte(signature.length);
            out.write(signature);
        }
        out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    private static void labels(SortedMap<String, String> labels, DataOutputStream out)
            throws IOException {
        out.writeByte(labels.size());
        for (var each : labels.entrySet()) {
            out.writeUTF(each.getKey());
            out.writeUTF(each.getValue());
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
