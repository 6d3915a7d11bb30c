package io.ridgeline.simulation.network;

import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Directed links between nodes. A link can be cut several times over and heals when the last cut
/// is taken back. A message that is held escapes cuts: it was on its way.
public final class SimNetwork {
    private static final int LANES = 3;

    /// Takes what arrives.
    public interface Receiver {
        /// Called at the virtual time of arrival.
        void onArrived(int from, int to, Lane lane, ByteBuffer message);

        /// Called for what never arrives, for the story.
        void onLost(int from, int to, Lane lane, ByteBuffer message);
    }

    /// Holds chosen messages back.
    public interface Hold {
        /// {@return how long to hold the message, in nanoseconds; 0 to let it pass}
        long holdNanos(int from, int to, Lane lane, ByteBuffer message);
    }

    private final EventQueue queue;
    private final Seeded random;
    private final Receiver receiver;
    private final int nodes;
    private final int[] cuts;
    private final long[] slowNanos;
    private final long[] lastArrival;
    private final List<Hold> holds = new ArrayList<>();
    private NetworkProfile profile;
    private long sent;
    private long lost;
    private long held;

    public SimNetwork(
            EventQueue queue, NetworkProfile profile, int nodes, Seeded random, Receiver receiver) {
        this.queue = queue;
        this.profile = profile;
        this.nodes = nodes;
        this.random = random;
        this.receiver = receiver;
        this.cuts = new int[nodes * nodes];
        this.slowNanos = new long[nodes * nodes];
        this.lastArrival = new long[nodes * nodes * LANES];
    }

    /// {@return a number for a lane, from 0}
    public static int number(Lane lane) {
        return switch (lane) {
            case CONTROL -> 0;
            case REPLICATION -> 1;
            case BULK -> 2;
        };
    }

    /// Sends a message, whose bytes are copied.
    public void send(int from, int to, Lane lane, ByteBuffer message) {
        ByteBuffer copy = ByteBuffer.allocate(message.remaining());
        copy.put(message.duplicate()).flip();
        sent++;
        for (int i = 0; i < holds.size(); i++) {
            long nanos = holds.get(i).holdNanos(from, to, lane, copy);
            if (nanos > 0) {
                held++;
                queue.after(nanos, () -> receiver.onArrived(from, to, lane, copy));
                return;
            }
        }
        if (random.chance(profile.hold())) {
            held++;
            long nanos = random.between(profile.holdNanosMax() / 20, profile.holdNanosMax());
            queue.after(nanos, () -> receiver.onArrived(from, to, lane, copy));
            return;
        }
        if (isCut(from, to) || random.chance(profile.loss())) {
            lost++;
            receiver.onLost(from, to, lane, copy);
            return;
        }
        deliver(from, to, lane, copy);
        if (random.chance(profile.duplicate())) {
            ByteBuffer again = copy.duplicate();
            queue.after(
                    delay(from, to, copy.remaining()) + random.between(0, 50_000_000L),
                    () -> arrive(from, to, lane, again));
        }
    }

    private void deliver(int from, int to, Lane lane, ByteBuffer message) {
        long at = queue.now() + delay(from, to, message.remaining());
        int place = (from * nodes + to) * LANES + number(lane);
        if (random.chance(profile.reorder())) {
            at += random.between(0, 4 * (profile.delayNanos() + profile.jitterNanos()));
        } else {
            at = Math.max(at, lastArrival[place]);
            lastArrival[place] = at;
        }
        queue.at(at, () -> arrive(from, to, lane, message));
    }

    private void arrive(int from, int to, Lane lane, ByteBuffer message) {
        // What was on a link when it was cut is lost with it.
        if (isCut(from, to)) {
            lost++;
            receiver.onLost(from, to, lane, message);
            return;
        }
        receiver.onArrived(from, to, lane, message);
    }

    private long delay(int from, int to, int bytes) {
        // 1 ns a byte: about 8 Gbit/s.
        return profile.delayNanos()
                + (profile.jitterNanos() == 0 ? 0 : random.between(0, profile.jitterNanos()))
                + bytes
                + slowNanos[from * nodes + to];
    }

    /// Cuts or mends one direction of a link; cuts add up.
    public void cut(int from, int to, boolean cut) {
        cuts[from * nodes + to] += cut ? 1 : -1;
    }

    /// {@return whether nothing passes}
    public boolean isCut(int from, int to) {
        return cuts[from * nodes + to] > 0;
    }

    /// Makes one direction of a link slower by so much.
    public void slow(int from, int to, long nanos) {
        slowNanos[from * nodes + to] = nanos;
    }

    /// Adds a rule that holds messages.
    public void addHold(Hold hold) {
        holds.add(hold);
    }

    /// Takes a rule back; what it holds is still delivered.
    public void removeHold(Hold hold) {
        holds.remove(hold);
    }

    /// Ends all faults; what is held still arrives.
    public void heal() {
        Arrays.fill(cuts, 0);
        Arrays.fill(slowNanos, 0);
        holds.clear();
        profile = profile.calmed();
    }

    /// {@return messages sent, lost and held so far}
    public long sent() {
        return sent;
    }

    /// {@return messages that never arrived}
    public long lost() {
        return lost;
    }

    /// {@return messages that were held back}
    public long held() {
        return held;
    }
}
