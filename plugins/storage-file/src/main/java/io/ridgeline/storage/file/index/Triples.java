package io.ridgeline.storage.file.index;

import java.util.Arrays;

/// Rows of three numbers that are gathered and then sorted by the first, and among equals by the
/// second.
final class Triples {
    private static final int DIGIT_BITS = 8;
    private static final int DIGITS = 1 << DIGIT_BITS;

    private long[] first;
    private long[] second;
    private long[] third;
    private int count;

    Triples(int capacity) {
        first = new long[Math.max(16, capacity)];
        second = new long[first.length];
        third = new long[first.length];
    }

    void add(long a, long b, long c) {
        if (count == first.length) {
            first = Arrays.copyOf(first, count * 2);
            second = Arrays.copyOf(second, count * 2);
            third = Arrays.copyOf(third, count * 2);
        }
        first[count] = a;
        second[count] = b;
        third[count] = c;
        count++;
    }

    int count() {
        return count;
    }

    long first(int row) {
        return first[row];
    }

    long second(int row) {
        return second[row];
    }

    long third(int row) {
        return third[row];
    }

    /// Sorts by as many upper bits of the first number as runs keep.
    void sort() {
        for (int shift = 64 - Hashes.KEPT_BITS; shift < 64; shift += DIGIT_BITS) {
            sortByDigit(shift);
        }
        for (int row = 1; row < count; row++) {
            sink(row);
        }
    }

    private void sortByDigit(int shift) {
        int[] starts = new int[DIGITS + 1];
        for (int row = 0; row < count; row++) {
            starts[(int) (first[row] >>> shift & DIGITS - 1) + 1]++;
        }
        for (int digit = 0; digit < DIGITS; digit++) {
            starts[digit + 1] += starts[digit];
        }
        long[] sortedFirst = new long[first.length];
        long[] sortedSecond = new long[first.length];
        long[] sortedThird = new long[first.length];
        for (int row = 0; row < count; row++) {
            int to = starts[(int) (first[row] >>> shift & DIGITS - 1)]++;
            sortedFirst[to] = first[row];
            sortedSecond[to] = second[row];
            sortedThird[to] = third[row];
        }
        first = sortedFirst;
        second = sortedSecond;
        third = sortedThird;
    }

    /// Among rows of equal keys, which are nearly in order.
    private void sink(int from) {
        int row = from;
        while (row > 0
                && PairTable.kept(first[row - 1]) == PairTable.kept(first[row])
                && second[row - 1] > second[row]) {
            swap(first, row);
            swap(second, row);
            swap(third, row);
            row--;
        }
    }

    private static void swap(long[] numbers, int row) {
        long held = numbers[row];
        numbers[row] = numbers[row - 1];
        numbers[row - 1] = held;
    }
}
