package io.ridgeline.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.restassured.specification.RequestSpecification;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What probes, dashboards and tools see of a running node.
class HealthIT {
    private static Node node;

    @BeforeAll
    static void start() {
        node = Node.on(Checkout.folder(HealthIT.class, "node").resolve("data")).start();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"live", "ready", "started"})
    void probesSayUp(String probe) {
        management().get("/q/health/" + probe).then().statusCode(200).body("status", equalTo("UP"));
    }

    @Test
    void metricsAreThereForPrometheus() {
        node.events().append(Requests.append(Requests.event("measured", "Seen", "{}")));
        management()
                .get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("ridgeline_append_phase_seconds_count{phase=\"queue\"} 1"))
                .body(containsString("ridgeline_append_phase_seconds_count{phase=\"confirm\"} 1"))
                .body(containsString("jvm_memory_used_bytes"));
    }

    @Test
    void probesAreNotOnTheClientsPort() {
        RequestSpecification request = given().baseUri("http://127.0.0.1").port(node.port());
        // That port speaks gRPC and nothing else.
        assertThatThrownBy(() -> request.get("/q/health")).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ridgeline.v1.EventStore", "ridgeline.v1.Admin"})
    void grpcHealthSaysServing(String service) {
        ServingStatus status =
                HealthGrpc.newBlockingStub(node.channel())
                        .check(HealthCheckRequest.newBuilder().setService(service).build())
                        .getStatus();
        assertThat(status).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void reflectionListsTheServices() throws Exception {
        CompletableFuture<List<String>> services = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> call =
                ServerReflectionGrpc.newStub(node.channel())
                        .serverReflectionInfo(new FirstAnswer(services));
        call.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        assertThat(services.get(30, TimeUnit.SECONDS))
                .contains("ridgeline.v1.EventStore", "ridgeline.v1.Admin", "grpc.health.v1.Health");
        call.onCompleted();
    }

    private static RequestSpecification management() {
        return given().baseUri("http://127.0.0.1").port(node.managementPort());
    }

    private record FirstAnswer(CompletableFuture<List<String>> services)
            implements StreamObserver<ServerReflectionResponse> {
        @Override
        public void onNext(ServerReflectionResponse response) {
            services.complete(
                    response.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
        }

        @Override
        public void onError(Throwable failure) {
            services.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            services.completeExceptionally(new IllegalStateException("no answer"));
        }
    }
}
