package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.ridgeline.api.v1.AdminProto;
import io.ridgeline.api.v1.EventStoreProto;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The examples of docs/api.md, run in their order: a method, a request, and behind the arrow the
/// fields that the answer must have, or the code of its error.
class ApiDocsIT {
    private static final Pattern EXAMPLE =
            Pattern.compile("```grpc\\n(\\S+)/(\\S+)\\n(.*?)\\n--> (.*?)\\n```", Pattern.DOTALL);

    private static Node node;

    @BeforeAll
    static void start() {
        node = Node.on(Checkout.folder(ApiDocsIT.class, "node").resolve("data")).start();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @TestFactory
    Stream<DynamicTest> examplesGiveWhatTheySay() throws Exception {
        Path page = Checkout.root().resolve("docs/api.md");
        Matcher examples = EXAMPLE.matcher(Files.readString(page));
        List<DynamicTest> tests = new ArrayList<>();
        while (examples.find()) {
            String method = examples.group(2);
            MethodDescriptor descriptor = service(examples.group(1)).findMethodByName(method);
            assertThat(descriptor).as("method " + method).isNotNull();
            String request = examples.group(3);
            String expected = examples.group(4);
            tests.add(
                    DynamicTest.dynamicTest(
                            (tests.size() + 1) + " " + method + " --> " + expected,
                            () -> run(descriptor, request, expected)));
        }
        assertThat(tests).as("examples in " + page).hasSizeGreaterThan(5);
        return tests.stream();
    }

    private static void run(MethodDescriptor method, String request, String expected)
            throws InvalidProtocolBufferException {
        if (!expected.startsWith("{")) {
            Failure failure = Failure.by(() -> call(method, request));
            assertThat(failure.code()).as("%s", failure).isEqualTo(expected);
            return;
        }
        JsonNode answer = call(method, request);
        assertHas(answer, Outcome.parse(expected), "");
    }

    /// {@return the first answer}
    private static JsonNode call(MethodDescriptor method, String request)
            throws InvalidProtocolBufferException {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(method.getInputType());
        JsonFormat.parser().merge(request, message);
        io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> descriptor =
                io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                        .setType(
                                method.isServerStreaming()
                                        ? io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING
                                        : io.grpc.MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                method.getService().getFullName() + "/" + method.getName())
                        .setRequestMarshaller(marshaller(method.getInputType()))
                        .setResponseMarshaller(marshaller(method.getOutputType()))
                        .build();
        ClientCall<DynamicMessage, DynamicMessage> call =
                node.channel()
                        .newCall(
                                descriptor,
                                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
        Iterator<DynamicMessage> answers =
                ClientCalls.blockingServerStreamingCall(call, message.build());
        assertThat(answers.hasNext()).as("an answer to %s", method.getName()).isTrue();
        DynamicMessage first = answers.next();
        try {
            call.cancel("the first answer is enough", null);
        } catch (StatusRuntimeException e) {
            throw new AssertionError(e);
        }
        return Outcome.parse(JsonFormat.printer().print(first));
    }

    private static io.grpc.MethodDescriptor.Marshaller<DynamicMessage> marshaller(
            com.google.protobuf.Descriptors.Descriptor type) {
        return ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type));
    }

    private static ServiceDescriptor service(String name) {
        return Stream.of(EventStoreProto.getDescriptor(), AdminProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .filter(service -> service.getFullName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no service " + name));
    }

    private static void assertHas(JsonNode found, JsonNode expected, String where) {
        if (expected.isObject()) {
            expected.properties()
                    .forEach(field -> {
                        String path = where + "/" + field.getKey();
                        JsonNode value = found.path(field.getKey());
                        assertThat(value.isMissingNode())
                                .as("%s is missing in %s", path, found)
                                .isFalse();
                        assertHas(value, field.getValue(), path);
                    });
        } else if (expected.isArray()) {
            assertThat(found.size()).as("elements of %s", where).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertHas(found.get(i), expected.get(i), where + "/" + i);
            }
        } else {
            assertThat(found).as("value of %s", where).isEqualTo(expected);
        }
    }
}
