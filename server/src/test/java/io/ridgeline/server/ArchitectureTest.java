package io.ridgeline.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;

/// Dependencies point one way: plugins → spi ← engine ← runtime ← server.
@AnalyzeClasses(packages = "io.ridgeline", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] PLUGINS = {
        "io.ridgeline.storage..",
        "io.ridgeline.transport..",
        "io.ridgeline.topology..",
        "io.ridgeline.quorum.."
    };

    @ArchTest
    static final ArchRule theSpiKnowsOnlyTheJdk =
            classes()
                    .that()
                    .resideInAPackage("io.ridgeline.spi..")
                    .and()
                    .resideOutsideOfPackage("io.ridgeline.spi.tck..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("io.ridgeline.spi..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule theEngineKnowsOnlyTheSpi =
            classes()
                    .that()
                    .resideInAPackage("io.ridgeline.engine..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.ridgeline.engine..",
                            "io.ridgeline.spi..",
                            "java..",
                            "org.jspecify..");

    @ArchTest
    static final ArchRule theEngineHasNoThreadsFilesOrSockets =
            noClasses()
                    .that()
                    .resideInAPackage("io.ridgeline.engine..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.util.concurrent..", "java.io..", "java.nio.file..", "java.net..");

    @ArchTest
    static final ArchRule pluginsKnowNothingOfUsButTheSpi =
            noClasses()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.ridgeline.engine..",
                            "io.ridgeline.runtime..",
                            "io.ridgeline.api..",
                            "io.ridgeline.server..");

    @ArchTest
    static final ArchRule theRuntimeKnowsNoPlugin =
            noClasses()
                    .that()
                    .resideInAPackage("io.ridgeline.runtime..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(PLUGINS);

    @ArchTest
    static final ArchRule nobodyKnowsTheServer =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.ridgeline.server..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.ridgeline.server..");

    @ArchTest
    static final ArchRule onlyTheRuntimeAndTheServerKnowQuarkus =
            noClasses()
                    .that()
                    .resideInAnyPackage("io.ridgeline.spi..", "io.ridgeline.engine..")
                    .or()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.quarkus..", "jakarta..", "org.jboss..");

    @ArchTest
    static final ArchRule thePackagesOfTheRuntimeHaveNoCycles =
            slices().matching("io.ridgeline.runtime.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule classesAreFinalSealedOrAbstract =
            classes()
                    .that()
                    .resideInAnyPackage("io.ridgeline.runtime..", "io.ridgeline.server..")
                    .and()
                    .areNotInterfaces()
                    .and()
                    .areNotAnonymousClasses()
                    .and()
                    .haveSimpleNameNotContaining("_")
                    .should(beClosed());

    @ArchTest
    static final ArchRule packagesAreNullMarked =
            classes()
                    .that()
                    .resideInAnyPackage(
                            "io.ridgeline.spi..",
                            "io.ridgeline.engine..",
                            "io.ridgeline.runtime..",
                            "io.ridgeline.server..")
                    .should(beInANullMarkedPackage());

    private static ArchCondition<JavaClass> beClosed() {
        return new ArchCondition<>("be final, sealed or abstract") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean generated = item.getSource().isEmpty();
                boolean closed =
                        item.getModifiers().contains(JavaModifier.FINAL)
                                || item.getModifiers().contains(JavaModifier.ABSTRACT)
                                || item.isEnum()
                                || item.reflect().isSealed();
                events.add(
                        new SimpleConditionEvent(
                                item, closed || generated, item.getName() + " is open"));
            }
        };
    }

    private static ArchCondition<JavaClass> beInANullMarkedPackage() {
        return new ArchCondition<>("be in a package that is marked @NullMarked") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                Optional<NullMarked> marked =
                        item.getPackage().tryGetAnnotationOfType(NullMarked.class);
                events.add(
                        new SimpleConditionEvent(
                                item,
                                marked.isPresent(),
                                item.getPackageName() + " is not @NullMarked"));
            }
        };
    }
}
