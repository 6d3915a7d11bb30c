package io.ridgeline.server.dev;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// How `ridgeline dev restart` reaches the `ridgeline dev` that runs the cluster: a socket on
/// loopback that a locked file in the cluster's folder names, with a token that only who may read
/// that file knows. A request is a line, and so is its answer.
final class ControlPort implements AutoCloseable {
    private static final String FILE = "dev.control";
    private static final int CONNECT_MILLIS = 2_000;

    private final RandomAccessFile file;
    private final ServerSocket socket;
    private final String token = UUID.randomUUID().toString();

    private ControlPort(RandomAccessFile file, ServerSocket socket) {
        this.file = file;
        this.socket = socket;
    }

    /// Takes the folder for this process.
    ///
    /// @throws IllegalStateException if another process has it
    static ControlPort claim(Path folder) throws IOException {
        Path path = folder.resolve(FILE);
        Files.createDirectories(folder);
        try {
            Files.createFile(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException _) {
            // Of an earlier cluster, or of one that runs: the lock tells.
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        FileLock lock = file.getChannel().tryLock();
        if (lock == null) {
            file.close();
            List<String> words = Files.readAllLines(path);
            throw new IllegalStateException(
                    "a cluster runs in %s already%s"
                            .formatted(
                                    folder,
                                    words.isEmpty() ? "" : " (pid " + words.getFirst() + ")"));
        }
        ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ControlPort claimed = new ControlPort(file, socket);
        file.setLength(0);
        file.write(
                (ProcessHandle.current().pid()
                                + "\n"
                                + socket.getLocalPort()
                                + "\n"
                                + claimed.token
                                + "\n")
                        .getBytes(StandardCharsets.UTF_8));
        return claimed;
    }

    /// Answers requests, one at a time, until closed.
    void serve(UnaryOperator<String> handler) {
        while (!socket.isClosed()) {
            try (Socket caller = socket.accept();
                    BufferedReader in = reader(caller)) {
                caller.setSoTimeout(CONNECT_MILLIS);
                if (token.equals(in.readLine())) {
                    String request = in.readLine();
                    String answer = request == null ? "" : handler.apply(request);
                    caller.getOutputStream()
                            .write((answer + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException _) {
                // A caller that left, or the end.
            }
        }
    }

    /// Asks the process that has the folder.
    ///
    /// @throws IllegalStateException if none has it
    static String ask(Path folder, String request) throws IOException {
        Path path = folder.resolve(FILE);
        List<String> words = Files.isRegularFile(path) ? Files.readAllLines(path) : List.of();
        if (words.size() == 3) {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(words.get(1))),
                        CONNECT_MILLIS);
                socket.getOutputStream()
                        .write(
                                (words.get(2) + "\n" + request + "\n")
                                        .getBytes(StandardCharsets.UTF_8));
                String answer = reader(socket).readLine();
                if (answer != null) {
                    return answer;
                }
            } catch (IOException _) {
                // Told below.
            }
        }
        throw new IllegalStateException(
                "no cluster runs in %s; start it with: ridgeline dev --data %s"
                        .formatted(folder, folder));
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
        file.setLength(0);
        file.close();
    }
}
