package io.ridgeline.cli.bench;

import io.ridgeline.client.ErrorCode;
import java.util.Map;

/// What callers saw.
///
/// @param perSecond events that were acknowledged or read, a second
/// @param p50Micros half of the waits were shorter, in microseconds
/// @param p99Micros all but one in a hundred
/// @param p999Micros all but one in a thousand
/// @param maxMicros the longest
/// @param errors calls that failed
/// @param errorsByCode of these
/// @param unit what a wait was for
public record Measurement(
        double perSecond,
        long p50Micros,
        long p99Micros,
        long p999Micros,
        long maxMicros,
        long errors,
        Map<ErrorCode, Long> errorsByCode,
        String unit) {
    /// Copies the map.
    public Measurement {
        errorsByCode = Map.copyOf(errorsByCode);
    }
}
