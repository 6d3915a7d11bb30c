package io.ridgeline.simulation.checker;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.simulation.checker.Operation.Attempt;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What every client wanted and was told, compared with what is chosen.
public final class Ledger {
    private final Map<UUID, List<Operation>> byFirstId = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private int acknowledged;
    private int duplicates;
    private int conflicts;
    private int idConflicts;
    private int refused;
    private int discarded;
    private int unknown;

    /// Notes a new operation.
    public Operation open(
            PartitionId partition,
            String partitionKey,
            List<NewEvent> events,
            List<AppendCondition> conditions) {
        return add(
                new Operation(
                        operations.size(), partition, partitionKey, events, conditions, false));
    }

    /// Notes an operation that uses ids of another one for other events; the same object for the
    /// same events.
    public Operation openVariant(
            PartitionId partition, String partitionKey, List<NewEvent> events) {
        Operation variant =
                new Operation(operations.size(), partition, partitionKey, events, List.of(), true);
        for (Operation known : byFirstId.getOrDefault(events.getFirst().id(), List.of())) {
            if (known.partition().equals(partition)
                    && known.content().sameContent(variant.content())) {
                return known;
            }
        }
        return add(variant);
    }

    private Operation add(Operation operation) {
        operations.add(operation);
        byFirstId
                .computeIfAbsent(operation.events().getFirst().id(), _ -> new ArrayList<>(1))
                .add(operation);
        return operation;
    }

    /// {@return all operations in order}
    public List<Operation> operations() {
        return operations;
    }

    void onChosen(ChosenEvents before, Entry entry, Transaction transaction) {
        var first = transaction.events();
        first.next();
        @Nullable Operation meant = null;
        for (Operation operation : byFirstId.getOrDefault(first.id(), List.of())) {
            if (operation.partition().equals(entry.partition())
                    && operation.content().sameContent(transaction)) {
                meant = operation;
                break;
            }
        }
        if (meant == null) {
            throw new Violation(
                    "nothing is changed",
                    "chosen %s holds what no client wrote".formatted(entry.position()));
        }
        if (meant.isDenied()) {
            throw new Violation(
                    "refused means nothing happened",
                    meant + " was refused and is chosen at " + entry.position());
        }
        for (AppendCondition condition : meant.conditions()) {
            StreamCondition on = (StreamCondition) condition;
            long version = before.lastVersion(on.stream(), Long.MAX_VALUE);
            if (!on.expect().holdsFor(version)) {
                throw new Violation(
                        "conditions hold",
                        "%s expects %s of %s, which is at %d, and is chosen at %s"
                                .formatted(
                                        meant,
                                        on.expect(),
                                        on.stream().stream(),
                                        version,
                                        entry.position()));
            }
        }
        meant.choose(entry);
    }

    /// An answer was given on a node.
    ///
    /// @param chosenIndex how far the chosen log reaches now
    void onResult(
            Operation operation,
            Attempt attempt,
            AppendResult result,
            ChosenEvents events,
            long chosenIndex,
            Supplier<String> chosenLog) {
        attempt.answer(result);
        switch (result) {
            case AppendResult.Appended appended -> {
                if (operation.chosen() != null || !isPartOfAnother(operation, appended, events)) {
                    onAppended(operation, attempt, appended, chosenLog);
                }
            }
            case AppendResult.VersionConflict conflict -> {
                conflicts++;
                checkConflict(operation, attempt, conflict, events, chosenIndex);
            }
            case AppendResult.EventIdConflict conflict -> {
                idConflicts++;
                checkIdConflict(operation, conflict, events);
            }
            case AppendResult.Indeterminate _ -> unknown++;
            case AppendResult.Discarded _ -> discarded++;
            default -> refused++;
        }
        if (operation.chosen() != null && operation.isDenied()) {
            throw new Violation(
                    "refused means nothing happened",
                    operation + " is chosen and all its attempts were denied, last " + result);
        }
    }

    /// Whether all events were written by an operation that had more of them: a repeat, too.
    private boolean isPartOfAnother(
            Operation operation, AppendResult.Appended appended, ChosenEvents events) {
        if (!appended.duplicate()) {
            return false;
        }
        long sequence = appended.firstSequence();
        for (NewEvent event : operation.events()) {
            @Nullable Entry entry = events.find(operation.partitionKey(), event.id());
            if (entry == null || !holds(entry.transaction(), event, sequence)) {
                return false;
            }
            sequence++;
        }
        duplicates++;
        return sequence == appended.lastSequence() + 1;
    }

    private static boolean holds(Transaction transaction, NewEvent event, long sequence) {
        Events at = transaction.events();
        while (at.next()) {
            if (at.sequence() == sequence) {
                return at.id().equals(event.id())
                        && at.stream().equals(event.stream())
                        && at.data().equals(event.data());
            }
        }
        return false;
    }

    private void onAppended(
            Operation operation,
            Attempt attempt,
            AppendResult.Appended appended,
            Supplier<String> chosenLog) {
        @Nullable Entry chosen = operation.chosen();
        if (chosen == null) {
            throw new Violation(
                    "acknowledged means durable",
                    operation
                            + " is acknowledged and not durable on a quorum: "
                            + appended
                            + "; "
                            + chosenLog.get());
        }
        if (appended.duplicate()) {
            duplicates++;
        } else {
            acknowledged++;
        }
        Transaction transaction = chosen.transaction();
        boolean right =
                appended.firstSequence() == transaction.firstSequence()
                        && appended.lastSequence() == transaction.lastSequence()
                        && appended.streams().size() == transaction.streams().size();
        for (int i = 0; right && i < appended.streams().size(); i++) {
            StreamVersions versions = appended.streams().get(i);
            right =
                    versions.stream().equals(transaction.streams().get(i))
                            && versions.firstVersion() == transaction.firstVersion(i)
                            && versions.lastVersion()
                                    == transaction.firstVersion(i) + transaction.eventCount(i) - 1;
        }
        if (!right) {
            throw new Violation(
                    "a repeat gets the first result",
                    operation + " is chosen at " + chosen.position() + ", answered " + appended);
        }
        if (!appended.duplicate() && attempt.publishedIndex() >= chosen.index()) {
            throw new Violation(
                    "one effect per id",
                    operation + " was readable before this attempt, which was answered as new");
        }
    }

    private static void checkConflict(
            Operation operation,
            Attempt attempt,
            AppendResult.VersionConflict conflict,
            ChosenEvents events,
            long chosenIndex) {
        long version = conflict.currentVersion();
        boolean asked =
                operation
                        .conditions()
                        .contains(new StreamCondition(conflict.stream(), conflict.expected()));
        if (!asked || conflict.expected().holdsFor(version)) {
            throw new Violation("conflicts are true", operation + " got " + conflict);
        }
        @Nullable Entry own = operation.chosen();
        long until = own == null ? chosenIndex : Math.min(chosenIndex, own.index() - 1);
        if (attempt.publishedIndex() > until
                || !events.hadVersion(
                        conflict.stream(), version, attempt.publishedIndex(), until)) {
            throw new Violation(
                    "conflicts are true",
                    "%s was told %s, never so between index %d and %d"
                            .formatted(operation, conflict, attempt.publishedIndex(), until));
        }
    }

    private static void checkIdConflict(
            Operation operation, AppendResult.EventIdConflict conflict, ChosenEvents events) {
        if (conflict.reason() == AppendResult.EventIdConflict.Reason.REPEATED_IN_TRANSACTION) {
            long distinct = operation.events().stream().map(NewEvent::id).distinct().count();
            if (distinct == operation.events().size()) {
                throw new Violation("id errors are true", operation + " got " + conflict);
            }
            return;
        }
        boolean taken = false;
        for (NewEvent event : operation.events()) {
            taken |= events.find(operation.partitionKey(), event.id()) != null;
        }
        if (!taken || operation.chosen() != null) {
            throw new Violation("id errors are true", operation + " got " + conflict);
        }
    }

    /// {@return appends that were acknowledged as new}
    public int acknowledged() {
        return acknowledged;
    }

    /// {@return repeats that got the first result}
    public int duplicates() {
        return duplicates;
    }

    /// {@return version conflicts}
    public int conflicts() {
        return conflicts;
    }

    /// {@return conflicts of event ids}
    public int idConflicts() {
        return idConflicts;
    }

    /// {@return attempts that were refused before they were ordered}
    public int refused() {
        return refused;
    }

    /// {@return attempts that were ordered and proven discarded}
    public int discarded() {
        return discarded;
    }

    /// {@return attempts whose outcome the node did not know}
    public int unknown() {
        return unknown;
    }
}
