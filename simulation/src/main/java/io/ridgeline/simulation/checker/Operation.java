package io.ridgeline.simulation.checker;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Certainty;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One append as its client means it: the same events and conditions, however often it is tried.
public final class Operation {
    /// One try.
    public static final class Attempt {
        private final long publishedIndex;
        private final long localEpoch;
        private @Nullable AppendResult result;

        private Attempt(long publishedIndex, long localEpoch) {
            this.publishedIndex = publishedIndex;
            this.localEpoch = localEpoch;
        }

        /// {@return the epoch in which the asked node coordinated; 0 if it did not}
        public long localEpoch() {
            return localEpoch;
        }

        /// {@return what was readable somewhere when the attempt began}
        long publishedIndex() {
            return publishedIndex;
        }

        /// {@return the answer, if the node gave one}
        public @Nullable AppendResult result() {
            return result;
        }

        void answer(AppendResult answer) {
            if (result != null) {
                throw new Violation("one answer", "first " + result + ", then " + answer);
            }
            result = answer;
        }
    }

    private final int number;
    private final boolean variant;
    private final PartitionId partition;
    private final String partitionKey;
    private final List<NewEvent> events;
    private final List<AppendCondition> conditions;
    private final Transaction content;
    private final List<Attempt> attempts = new ArrayList<>(2);
    private @Nullable Entry chosen;

    Operation(
            int number,
            PartitionId partition,
            String partitionKey,
            List<NewEvent> events,
            List<AppendCondition> conditions,
            boolean variant) {
        this.variant = variant;
        this.number = number;
        this.partition = partition;
        this.partitionKey = partitionKey;
        this.events = List.copyOf(events);
        this.conditions = List.copyOf(conditions);
        this.content = Transaction.of(partitionKey, events);
    }

    Attempt begin(long publishedIndex, long localEpoch) {
        Attempt attempt = new Attempt(publishedIndex, localEpoch);
        attempts.add(attempt);
        return attempt;
    }

    /// {@return the transaction for one attempt}
    public Transaction transaction() {
        return Transaction.of(partitionKey, events);
    }

    /// {@return a number in the order of first attempts}
    public int number() {
        return number;
    }

    /// {@return whether it uses the ids of another operation for other events}
    public boolean isVariant() {
        return variant;
    }

    /// {@return the partition}
    public PartitionId partition() {
        return partition;
    }

    /// {@return the key of its streams}
    public String partitionKey() {
        return partitionKey;
    }

    /// {@return its events}
    public List<NewEvent> events() {
        return events;
    }

    /// {@return its conditions}
    public List<AppendCondition> conditions() {
        return conditions;
    }

    Transaction content() {
        return content;
    }

    /// {@return the entry that holds it, once that is chosen}
    public @Nullable Entry chosen() {
        return chosen;
    }

    void choose(Entry entry) {
        chosen = entry;
    }

    /// {@return whether every attempt was told that it did nothing}
    boolean isDenied() {
        for (Attempt attempt : attempts) {
            @Nullable AppendResult result = attempt.result;
            if (result == null
                    || result instanceof AppendResult.Appended
                    || result.certainty() == Certainty.UNKNOWN) {
                return false;
            }
        }
        return !attempts.isEmpty();
    }

    boolean wasAppendedFirst() {
        for (Attempt attempt : attempts) {
            if (attempt.result instanceof AppendResult.Appended appended && !appended.duplicate()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "operation %d (%s, partition %s, %d events)"
                .formatted(number, partitionKey, partition, events.size());
    }
}
