package io.ridgeline.it.load;

import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.StreamVersions;
import io.ridgeline.it.events.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/// What a load has sent, and which of it was acknowledged. An acknowledgement is on disk before its
/// writer goes on.
///
/// Lines: `sent`, id, partition key, stream, checksum; and `done`, id, partition, sequence,
/// version, `duplicate` or `new`.
final class Diary implements AutoCloseable {
    private final FileChannel file;

    Diary(Path path) throws IOException {
        file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND);
    }

    void sent(AppendRequest request) {
        StringBuilder lines = new StringBuilder();
        for (NewEvent event : request.getEventsList()) {
            lines.append("sent\t").append(Requests.id(event.getId()));
            lines.append('\t').append(request.getPartitionKey());
            lines.append('\t').append(event.getStream());
            lines.append('\t').append(checksum(event.getData().asReadOnlyByteBuffer()));
            lines.append('\n');
        }
        write(lines, false);
    }

    void acknowledged(AppendRequest request, AppendResponse answer) {
        Map<String, Long> nextVersions = new HashMap<>();
        for (StreamVersions versions : answer.getStreamsList()) {
            nextVersions.put(versions.getStream(), versions.getFirstVersion());
        }
        long sequence = answer.getFirstSequence();
        StringBuilder lines = new StringBuilder();
        for (NewEvent event : request.getEventsList()) {
            lines.append("done\t").append(Requests.id(event.getId()));
            lines.append('\t').append(answer.getPosition().getPartition());
            lines.append('\t').append(sequence++);
            lines.append('\t').append(nextVersions.merge(event.getStream(), 1L, Long::sum) - 1);
            lines.append(answer.getDuplicate() ? "\tduplicate\n" : "\tnew\n");
        }
        write(lines, true);
    }

    static long checksum(ByteBuffer data) {
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        return checksum.getValue();
    }

    private synchronized void write(StringBuilder lines, boolean durable) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            if (durable) {
                file.force(false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
