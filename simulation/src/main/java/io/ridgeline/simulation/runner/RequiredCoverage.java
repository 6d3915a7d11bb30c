package io.ridgeline.simulation.runner;

import io.ridgeline.simulation.plan.FaultKind;
import io.ridgeline.simulation.trace.Coverage;
import java.util.ArrayList;
import java.util.List;

/// Events that must happen somewhere in the standard set of seeds; a simulation in which one never
/// does has stopped testing something.
public final class RequiredCoverage {
    /// How many seeds the standard set has, from 1 on.
    public static final int SEEDS = 1_000;

    private static final List<String> EVENTS =
            List.of(
                    "EpochConfirmed",
                    "PollStarted",
                    "TakeoverStarted",
                    "TakeoverFailed",
                    "TurnPassed",
                    "Promised",
                    "LogAdopted",
                    "Deposed",
                    "EntriesDropped",
                    "FateLearned.confirmed",
                    "FateLearned.discarded",
                    "DegradedChanged",
                    "CatchUpStarted",
                    "WriteBuffered",
                    "BufferDropped",
                    "Resent",
                    "Readmitted",
                    "BecameBlank",
                    "BecameVoter",
                    "Damaged",
                    "Repaired",
                    "QuorumChanged",
                    "QuorumSet",
                    "ConfigurationDiffers",
                    "Transfer.STARTED",
                    "Transfer.CONSENTED",
                    "Transfer.RESUMED",
                    "MessageRefused",
                    "Forwarded",
                    "DuplicateAnswered",
                    "PeerChanged",
                    "StorageFailed",
                    "Outdated",
                    "Paused",
                    "RoleChanged.COORDINATING",
                    "answer.Appended",
                    "answer.VersionConflict",
                    "answer.EventIdConflict",
                    "answer.NotCoordinator",
                    "answer.QuorumUnavailable",
                    "answer.Overloaded",
                    "answer.StorageFull",
                    "answer.Discarded",
                    "answer.Indeterminate",
                    "answer.Stopping",
                    "read.Ready",
                    "read.QuorumUnavailable",
                    "readsOfDamageRefused",
                    "duplicatesAnswered",
                    "partialLinks",
                    "tornWrites",
                    "messagesHeld",
                    "entriesDamaged");

    private RequiredCoverage() {}

    /// {@return the names of what never happened}
    public static List<String> missing(Coverage coverage) {
        List<String> missing = new ArrayList<>();
        for (String event : EVENTS) {
            if (coverage.of(event) == 0) {
                missing.add(event);
            }
        }
        for (FaultKind kind : FaultKind.values()) {
            if (coverage.of("fault." + kind) == 0) {
                missing.add("fault." + kind);
            }
        }
        return missing;
    }
}
