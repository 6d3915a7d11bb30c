package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.it.process.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the documents point at exists: files, and the tests that they call as witnesses.
class DocsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
    private static final Pattern WITNESS =
            Pattern.compile("`(\\w+(?:IT|Test|Contract|Properties|Simulation))`");

    @Test
    void linksLeadSomewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            Matcher links = LINK.matcher(Files.readString(page));
            while (links.find()) {
                String target = links.group(1);
                if (!target.contains("://")
                        && !Files.exists(page.resolveSibling(target).normalize())) {
                    dead.add(Checkout.root().relativize(page) + " -> " + target);
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void testsThatAreNamedExist() throws IOException {
        Set<String> classes;
        try (Stream<Path> files = Files.walk(Checkout.root())) {
            classes =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java"))
                            .map(name -> name.substring(0, name.length() - ".java".length()))
                            .collect(Collectors.toSet());
        }
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            Matcher names = WITNESS.matcher(Files.readString(page));
            while (names.find()) {
                if (!classes.contains(names.group(1))) {
                    missing.add(Checkout.root().relativize(page) + ": " + names.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path folder :
                List.of(
                        Checkout.root(),
                        Checkout.root().resolve("docs"),
                        Checkout.root().resolve("docs/decisions"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        assertThat(pages).isNotEmpty();
        return pages;
    }
}
