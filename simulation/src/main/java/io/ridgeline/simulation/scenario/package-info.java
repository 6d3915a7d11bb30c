/// Named schedules that break a protocol which leaves one rule out; random seeds miss some of them.
@NullMarked
package io.ridgeline.simulation.scenario;

import org.jspecify.annotations.NullMarked;
