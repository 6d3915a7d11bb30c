package io.ridgeline.client;

import java.util.SortedSet;

/// Makes feeds.
///
/// @param finder knows whom to ask
record Feeds(Nodes nodes, ClientOptions options, ReplicaFinder finder) {

    /// {@return the messages of a read or subscription}
    ///
    /// @param cursor how far it has come
    /// @param endless whether an end is a lost connection, and patience has no limit
    Feed open(Cursor cursor, Feed.Request request, boolean endless) {
        Source source = cursor.source;
        if (source instanceof Source.OneStream one) {
            String key = one.partitionKey().isEmpty() ? one.stream() : one.partitionKey();
            return call(finder.ofKey(key), request, endless);
        } else if (source instanceof Source.OnePartition one) {
            return call(finder.ofPartition(one.partition()), request, endless);
        }
        return new AllFeed(this, cursor, request, endless);
    }

    Feed call(Candidates candidates, Feed.Request request, boolean endless) {
        return new CallFeed(nodes, options, candidates, request, endless);
    }

    Feed split(
            SortedSet<Integer> partitions, Cursor cursor, Feed.Request request, boolean endless) {
        return new SplitFeed(nodes, options, finder, partitions, cursor, request, endless);
    }
}
