package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// The protocols for which streams are accepted.
final class Protocols {
    private final List<ProtocolBinding<?>> bindings = new CopyOnWriteArrayList<>();

    void add(ProtocolBinding<?> binding) {
        bindings.add(binding);
    }

    Optional<ProtocolBinding<?>> find(String id) {
        return bindings.stream()
                .filter(binding -> binding.matches(id))
                .<ProtocolBinding<?>>map(binding -> binding)
                .findFirst();
    }

    List<String> announced() {
        return bindings.stream().flatMap(binding -> binding.announce().stream()).sorted().toList();
    }
}
