package io.ridgeline.runtime.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.ridgeline.spi.Meter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Shows what a plugin counts as metrics, whichever plugin it is. Meters come to be when it first
/// speaks of them, which [#refresh] finds out.
final class PluginMeters {
    private final String prefix;
    private final Supplier<List<Meter>> read;
    private final MeterRegistry registry;
    private final Set<Key> known = ConcurrentHashMap.newKeySet();
    private volatile Map<Key, Double> values = Map.of();

    private record Key(String name, Map<String, String> tags) {
        Key {
            tags = Map.copyOf(tags);
        }
    }

    /// @param contract that the plugin implements, such as `transport`
    /// @param read asks the plugin; nothing as long as there is none
    PluginMeters(String contract, Supplier<List<Meter>> read, MeterRegistry registry) {
        this.prefix = "ridgeline." + contract + ".";
        this.read = read;
        this.registry = registry;
    }

    /// Reads what the plugin has counted.
    void refresh() {
        Map<Key, Double> next = new ConcurrentHashMap<>();
        List<Meter> meters = read.get();
        for (Meter meter : meters) {
            Key key = new Key(meter.name(), meter.tags());
            next.put(key, meter.value());
        }
        values = next;
        for (Meter meter : meters) {
            Key key = new Key(meter.name(), meter.tags());
            if (known.add(key)) {
                register(meter, key);
            }
        }
    }

    private void register(Meter meter, Key key) {
        List<Tag> tags =
                new TreeMap<>(key.tags())
                        .entrySet().stream()
                                .map(each -> Tag.of(each.getKey(), each.getValue()))
                                .toList();
        if (meter.counter()) {
            FunctionCounter.builder(prefix + meter.name(), this, self -> self.value(key))
                    .description(meter.description())
                    .tags(tags)
                    .register(registry);
        } else {
            Gauge.builder(prefix + meter.name(), this, self -> self.value(key))
                    .description(meter.description())
                    .tags(tags)
                    .strongReference(true)
                    .register(registry);
        }
    }

    private double value(Key key) {
        return values.getOrDefault(key, Double.NaN);
    }
}
