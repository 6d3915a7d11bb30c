package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.CipherState;
import io.ridgeline.transport.libp2p.noise.NoiseHandshake;
import io.ridgeline.transport.libp2p.noise.NoiseIdentity;
import io.ridgeline.transport.libp2p.noise.SecureSession;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A peer on a plain socket that says whatever a test wants, correct or not.
public final class RawPeer implements AutoCloseable {
    public static final String MULTISTREAM = "\u0013/multistream/1.0.0\n";
    public static final String NOISE = "\u0007/noise\n";

    /// Types of yamux frames, and flags.
    public static final int DATA = 0;

    public static final int WINDOW = 1;
    public static final int PING = 2;
    public static final int SYN = 1;
    public static final int RST = 8;
    public static final byte[] NOTHING = {};

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private @Nullable SecureSession session;
    private int nextStream = 1;

    public RawPeer(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    public RawPeer say(String text) throws IOException {
        return say(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawPeer say(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /// Agrees on Noise.
    public RawPeer negotiate() throws IOException {
        say(MULTISTREAM + NOISE);
        in.readNBytes(MULTISTREAM.length() + NOISE.length());
        return this;
    }

    public RawPeer sayFrame(byte[] frame) throws IOException {
        out.writeShort(frame.length);
        return say(frame);
    }

    public byte[] hearFrame() throws IOException {
        byte[] frame = new byte[in.readUnsignedShort()];
        in.readFully(frame);
        return frame;
    }

    /// Goes through the whole handshake as an honest peer.
    public RawPeer secure(IdentityKey identity) throws IOException {
        return secure(identity, null);
    }

    /// Goes through the whole handshake as an honest peer.
    ///
    /// @param expected who has to be at the other end; null for anybody
    /// @throws io.ridgeline.transport.libp2p.noise.HandshakeException if somebody else is
    public RawPeer secure(IdentityKey identity, @Nullable PeerId expected) throws IOException {
        negotiate();
        NoiseHandshake handshake =
                new NoiseHandshake(
                        true,
                        new NoiseIdentity(identity),
                        List.of("/yamux/1.0.0"),
                        expected,
                        _ -> true);
        sayFrame(Objects.requireNonNull(handshake.start()));
        sayFrame(Objects.requireNonNull(handshake.onMessage(hearFrame())));
        session = handshake.session();
        return this;
    }

    private SecureSession session() {
        return Objects.requireNonNull(session);
    }

    /// Sends something through the secure channel.
    public RawPeer sayInside(byte[] plain) throws IOException {
        byte[] sealed = new byte[plain.length + CipherState.TAG_BYTES];
        session().sending().seal(plain, 0, plain.length, sealed, 0);
        return sayFrame(sealed);
    }

    /// Sends a yamux frame and what belongs to it.
    public RawPeer sayYamux(int type, int flags, int id, long length, byte[] body)
            throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(12 + body.length);
        frame.put((byte) 0).put((byte) type).putShort((short) flags).putInt(id);
        frame.putInt((int) length).put(body);
        return sayInside(frame.array());
    }

    /// {@return the id of a stream that this side may open}
    public int nextStream() {
        int id = nextStream;
        nextStream += 2;
        return id;
    }

    public byte[] hearInside() throws IOException {
        byte[] sealed = hearFrame();
        byte[] plain = new byte[sealed.length];
        int length = session().receiving().open(sealed, 0, sealed.length, plain, 0);
        return java.util.Arrays.copyOf(plain, length);
    }

    /// {@return whether the other side ends the connection before time is up}
    public boolean isCutOff() {
        try {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return true;
        } catch (EOFException | SocketException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
