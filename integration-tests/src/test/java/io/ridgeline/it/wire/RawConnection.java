package io.ridgeline.it.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A TCP connection that speaks as much HTTP/2 as it is told to, and no more.
public final class RawConnection implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;

    public static final int END_STREAM = 0x1;
    public static final int END_HEADERS = 0x4;

    private final Socket socket = new Socket();

    /// Connects to a local port.
    public RawConnection(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 20_000);
        socket.setTcpNoDelay(true);
    }

    /// Sends bytes as they are.
    public RawConnection send(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
        return this;
    }

    /// Begins an HTTP/2 connection.
    public RawConnection preface() throws IOException {
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return send(frame(SETTINGS, 0, 0, new byte[0]));
    }

    /// Begins a gRPC call.
    public RawConnection call(int stream, String method) throws IOException {
        return send(frame(HEADERS, END_HEADERS, stream, headers(method)));
    }

    /// Reads until the peer closes the connection or is silent for so long.
    ///
    /// @return whether it was closed
    public boolean closedWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        InputStream in = socket.getInputStream();
        byte[] sink = new byte[8_192];
        try {
            while (in.read(sink) >= 0) {
                // Whatever it says, only its end matters.
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /// {@return a frame with an honest length}
    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return frame(type, flags, stream, payload.length, payload);
    }

    /// {@return a frame that says it is so long}
    public static byte[] frame(int type, int flags, int stream, int length, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (length >>> 16))
                .put((byte) (length >>> 8))
                .put((byte) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /// {@return the start of a gRPC message that says it is so long}
    public static byte[] message(int compressed, int length, byte[] payload) {
        return ByteBuffer.allocate(5 + payload.length)
                .put((byte) compressed)
                .putInt(length)
                .put(payload)
                .array();
    }

    /// `:method POST`, `:scheme http`, path, authority, `content-type: application/grpc`, `te:
    /// trailers`; in HPACK without Huffman codes and dynamic table (RFC 7541).
    private static byte[] headers(String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83);
        block.write(0x86);
        block.write(0x04);
        text(block, "/" + method);
        block.write(0x01);
        text(block, "localhost");
        block.write(0x0f);
        block.write(0x10);
        text(block, "application/grpc");
        block.write(0x00);
        text(block, "te");
        text(block, "trailers");
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        block.write(bytes.length);
        block.writeBytes(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
