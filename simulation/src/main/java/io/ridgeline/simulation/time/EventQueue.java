package io.ridgeline.simulation.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The only source of time and order: what happens next is the event with the lowest (time,
/// insertion).
public final class EventQueue {
    private long[] times = new long[256];
    private long[] orders = new long[256];
    private @Nullable Runnable[] events = new Runnable[256];
    private int size;
    private long now;
    private long nextOrder;
    private long fired;

    /// {@return the virtual time in nanoseconds, from 0}
    public long now() {
        return now;
    }

    /// {@return how many events have happened}
    public long fired() {
        return fired;
    }

    /// Lets something happen at a time; a time in the past means now.
    public void at(long time, Runnable event) {
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            orders = Arrays.copyOf(orders, size * 2);
            events = Arrays.copyOf(events, size * 2);
        }
        siftUp(size++, Math.max(time, now), nextOrder++, event);
    }

    /// Lets something happen after a delay.
    public void after(long delayNanos, Runnable event) {
        at(now + delayNanos, event);
    }

    /// Lets the next event happen, if there is one at or before a time; otherwise moves the clock
    /// there.
    ///
    /// @return whether one happened
    public boolean step(long untilNanos) {
        if (size == 0 || times[0] > untilNanos) {
            now = Math.max(now, untilNanos);
            return false;
        }
        now = times[0];
        Runnable event = events[0];
        size--;
        long time = times[size];
        long order = orders[size];
        Runnable last = events[size];
        events[size] = null;
        if (size > 0 && last != null) {
            siftDown(time, order, last);
        }
        fired++;
        if (event != null) {
            event.run();
        }
        return true;
    }

    private void siftUp(int from, long time, long order, Runnable event) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!isBefore(time, order, parent)) {
                break;
            }
            times[at] = times[parent];
            orders[at] = orders[parent];
            events[at] = events[parent];
            at = parent;
        }
        place(at, time, order, event);
    }

    private void siftDown(long time, long order, Runnable event) {
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(times[child + 1], orders[child + 1], child)) {
                child++;
            }
            if (isBefore(time, order, child)) {
                break;
            }
            times[at] = times[child];
            orders[at] = orders[child];
            events[at] = events[child];
            at = child;
        }
        place(at, time, order, event);
    }

    private boolean isBefore(long time, long order, int other) {
        return time < times[other] || (time == times[other] && order < orders[other]);
    }

    private void place(int at, long time, long order, Runnable event) {
        times[at] = time;
        orders[at] = order;
        events[at] = event;
    }
}
