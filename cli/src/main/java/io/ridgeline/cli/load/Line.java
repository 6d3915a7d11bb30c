package io.ridgeline.cli.load;

import io.ridgeline.client.EventData;

/// An event from a line.
///
/// @param number of the line, from 1
/// @param partitionKey what decides the partition
/// @param stream the stream
/// @param event what to append
record Line(long number, String partitionKey, String stream, EventData event) {}
