package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What is shipped has its licence beside it. */
class LicencesIT {

    /** Other people's jars in the distribution, in the zips and inside our bundles. */
    private static Set<String> shipped() throws IOException {
        Set<String> jars = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Distribution.home())) {
            files.map(Path::toString).forEach(jars::add);
        }
        for (Path zip : zips()) {
            jars.addAll(entries(zip));
        }
        for (Path bundle : Jars.startingWith("dev.mooring.")) {
            jars.addAll(entries(bundle));
        }
        return jars.stream()
                .filter(name -> name.endsWith(".jar"))
                .map(name -> name.replaceAll(".*/|\\.jar$", ""))
                .filter(name -> !name.startsWith("dev.mooring."))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> zips() {
        return List.of(Distribution.home().resolveSibling("mooring-osgi.zip"), HowTo.WEB_CONSOLE);
    }

    private static List<String> entries(Path zip) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }

    /** What stands between these in a table or a link of the list. */
    private static Set<String> listed(String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(HowTo.ROOT.resolve("licenses/README.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theListHasExactlyTheJarsThatAreShipped() throws IOException {
        assertEquals(shipped(), listed("(?<=[|,] )`([a-z0-9.-]+)`"));
    }

    @Test
    void everyTextIsShippedWithTheDistributionTheZipsAndTheBundlesThatHaveLibraries() throws IOException {
        Set<String> texts = listed("\\]\\(([^/)]+)\\)");
        texts.add("README.md");
        Path distribution = Distribution.home().resolve("licenses");
        assertTrue(Files.exists(distribution.resolveSibling("LICENSE")));
        for (String text : texts) {
            assertTrue(Files.exists(distribution.resolve(text)), text);
        }
        for (Path zip : zips()) {
            assertTrue(entries(zip).contains("mooring/LICENSE"), zip::toString);
            for (String text : texts) {
                assertTrue(entries(zip).contains("mooring/licenses/" + text), text);
            }
        }
        for (Path bundle : Jars.startingWith("dev.mooring.")) {
            List<String> entries = entries(bundle);
            assertTrue(entries.contains("META-INF/LICENSE") || bundle.toString().contains("itests"), bundle::toString);
            if (entries.stream().anyMatch(each -> each.endsWith(".jar"))) {
                for (String text : texts) {
                    assertTrue(entries.contains("META-INF/licenses/" + text), () -> bundle + " lacks " + text);
                }
            }
        }
    }
}
