package io.ridgeline.client;

import java.time.Duration;

/// What a client was built with.
///
/// @param timeout for one append or short call, retries included
/// @param readTimeout for a read without progress
/// @param failFast whether a call fails at once when no server accepts connections
/// @param inFlightBytesMax how much may be queued and unanswered
/// @param inFlightCountMax how many appends may be queued and unanswered
/// @param rebalancing how often an endless feed looks whether its shares can be more even
/// @param userAgent names the program to the server
record ClientOptions(
        Duration timeout,
        Duration readTimeout,
        boolean failFast,
        long inFlightBytesMax,
        int inFlightCountMax,
        Duration rebalancing,
        String userAgent) {}
