package io.ridgeline.deployment;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.quarkus.deployment.annotations.BuildProducer;
import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.annotations.Produce;
import io.quarkus.deployment.builditem.FeatureBuildItem;
import io.quarkus.deployment.builditem.ServiceStartBuildItem;
import io.quarkus.deployment.builditem.nativeimage.NativeImageResourceBuildItem;
import io.quarkus.deployment.builditem.nativeimage.ReflectiveClassBuildItem;
import io.quarkus.deployment.builditem.nativeimage.ServiceProviderBuildItem;
import io.ridgeline.runtime.node.NodeVersion;
import io.ridgeline.runtime.provider.ProviderCatalogue;
import io.ridgeline.runtime.provider.ProviderKind;
import org.jboss.logging.Logger;

/// The build steps of the extension.
final class RidgelineProcessor {
    private static final Logger LOG = Logger.getLogger(RidgelineProcessor.class);

    @BuildStep
    FeatureBuildItem feature() {
        return new FeatureBuildItem("ridgeline");
    }

    /// Checks the bundled providers, so that a bad one stops the build and not the node.
    @BuildStep
    @Produce(ServiceStartBuildItem.class)
    void checkProviders() {
        ProviderCatalogue catalogue =
                ProviderCatalogue.bundled(Thread.currentThread().getContextClassLoader());
        for (ProviderKind kind : ProviderKind.values()) {
            LOG.debugf("bundled providers for %s: %s", kind.key(), catalogue.ids(kind));
        }
    }

    /// Has native images hold what is read from the class path.
    @BuildStep
    NativeImageResourceBuildItem resources() {
        return new NativeImageResourceBuildItem(NodeVersion.RESOURCE);
    }

    /// Has native images keep what protobuf finds by name in the errors that end a call; the
    /// extension for gRPC does so for our own messages only.
    @BuildStep
    ReflectiveClassBuildItem errorDetails() {
        return ReflectiveClassBuildItem.builder(
                        Status.class,
                        Status.Builder.class,
                        ErrorInfo.class,
                        ErrorInfo.Builder.class,
                        Any.class,
                        Any.Builder.class)
                .methods()
                .build();
    }

    /// Names the bundled providers to native images, which find no service that was not named.
    @BuildStep
    void registerProviders(BuildProducer<ServiceProviderBuildItem> services) {
        for (ProviderKind kind : ProviderKind.values()) {
            services.produce(
                    ServiceProviderBuildItem.allProvidersFromClassPath(kind.contract().getName()));
        }
    }
}
