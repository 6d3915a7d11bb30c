package io.ridgeline.runtime.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.spi.transport.Meter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Shows what the transport counts as metrics, whichever transport it is. Meters come to be when
/// the transport first speaks of them, which [#refresh] finds out.
final class TransportMeters {
    private static final String PREFIX = "ridgeline.transport.";

    private final Node node;
    private final MeterRegistry registry;
    private final Set<Key> known = ConcurrentHashMap.newKeySet();
    private volatile Map<Key, Double> values = Map.of();

    private record Key(String name, Map<String, String> tags) {
        Key {
            tags = Map.copyOf(tags);
        }
    }

    TransportMeters(Node node, MeterRegistry registry) {
        this.node = node;
        this.registry = registry;
    }

    /// Reads what the transport has counted.
    void refresh() {
        Map<Key, Double> read = new ConcurrentHashMap<>();
        List<Meter> meters = node.transportMeters();
        for (Meter meter : meters) {
            Key key = new Key(meter.name(), meter.tags());
            read.put(key, meter.value());
        }
        values = read;
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
            FunctionCounter.builder(PREFIX + meter.name(), this, self -> self.value(key))
                    .description(meter.description())
                    .tags(tags)
                    .register(registry);
        } else {
            Gauge.builder(PREFIX + meter.name(), this, self -> self.value(key))
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
