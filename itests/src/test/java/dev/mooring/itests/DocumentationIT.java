package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The documentation agrees with the code. */
class DocumentationIT {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> BUNDLES =
            List.of("activation", "share", "accounts", "http", "sftp", "ftp", "felix.http", "systemd");

    /** Keys that the reference describes once for all servers. */
    private static final List<String> OF_ALL_SERVERS =
            List.of("drain.timeout", "replaced.timeout", "access.log", "proxy.protocol", "proxy.trusted");

    /** The keys and defaults of a section of the reference. Commas separate several in a cell. */
    private static Map<String, String> documented(String section) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String line :
                section.lines().filter(each -> each.startsWith("| `")).toList()) {
            String[] cells = line.split("\\|", -1);
            String[] names = cells[1].split(",");
            String[] defaults = cells[2].split(", ");
            for (int i = 0; i < names.length; i++) {
                String value = names.length == 1 ? cells[2] : i < defaults.length ? defaults[i] : "";
                keys.put(plain(names[i]), plain(value));
            }
        }
        return keys;
    }

    private static String plain(String cell) {
        return cell.replace("`", "").strip();
    }

    @Test
    void theReferenceHasEveryKeyWithItsDefault() throws Exception {
        String reference = Files.readString(ROOT.resolve("docs/reference/configuration.md"));
        String common = reference.substring(reference.indexOf("## All servers"));
        int compared = 0;
        for (String bundle : BUNDLES) {
            for (Document metatype : metatypes(Jars.of("dev.mooring." + bundle))) {
                Element designate =
                        (Element) metatype.getElementsByTagName("Designate").item(0);
                String pid = designate.getAttribute("factoryPid") + designate.getAttribute("pid");
                int start = reference.indexOf("## `" + pid);
                assertTrue(start >= 0, () -> "docs/reference/configuration.md has no section on " + pid);
                String section = reference.substring(start, reference.indexOf("\n## ", start + 1));
                Map<String, String> documented = documented(section);
                for (Element key : keys(metatype)) {
                    String name = key.getAttribute("id");
                    String value = key.getAttribute("default").replace("\\", "");
                    Map<String, String> where = OF_ALL_SERVERS.contains(name) ? documented(common) : documented;
                    String said = where.get(name);
                    assertNotEquals(
                            null,
                            said,
                            () -> "docs/reference/configuration.md: " + pid + " has the key " + name
                                    + ", which is missing there");
                    // Skips words for readers: "as above", "as shipped", and the text for an empty value.
                    if (!value.isEmpty() && !said.contains("as above") && !said.isEmpty()) {
                        assertEquals(value, said.split(", ")[0], () -> pid + ", the default of " + name);
                        compared++;
                    }
                    documented.remove(name);
                }
                assertEquals(
                        new TreeSet<>(),
                        new TreeSet<>(documented.keySet()),
                        () -> pid + " has none of these documented keys");
            }
        }
        assertTrue(compared > 40, "only " + compared + " defaults were compared");
    }

    private static List<Document> metatypes(Path jar) throws Exception {
        List<Document> documents = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String name : file.stream()
                    .map(Object::toString)
                    .filter(each -> each.matches("OSGI-INF/metatype/.*\\.xml"))
                    .toList()) {
                try (InputStream in = file.getInputStream(file.getEntry(name))) {
                    documents.add(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(in));
                }
            }
        }
        return documents;
    }

    private static List<Element> keys(Document metatype) {
        List<Element> keys = new ArrayList<>();
        for (int i = 0; i < metatype.getElementsByTagName("AD").getLength(); i++) {
            keys.add((Element) metatype.getElementsByTagName("AD").item(i));
        }
        return keys;
    }

    @Test
    void everyLinkTargetExists() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(
                ROOT.resolve("README.md"),
                ROOT.resolve("ARCHITECTURE.md"),
                ROOT.resolve("CONTRIBUTING.md"),
                ROOT.resolve("licenses/README.md"),
                ROOT.resolve("benchmarks/README.md")));
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(each -> each.toString().endsWith(".md")).forEach(documents::add);
        }
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
        for (Path document : documents) {
            Matcher matcher = link.matcher(Files.readString(document));
            while (matcher.find()) {
                Path target = document.resolveSibling(matcher.group(1));
                assertTrue(Files.exists(target), () -> document + " links " + target + ", which does not exist");
            }
        }
    }

    /** An operator reads it before an upgrade. */
    @Test
    void theChangelogHasASectionForThisVersion() throws Exception {
        String version = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(ROOT.resolve("bom/pom.xml").toFile())
                .getElementsByTagName("version")
                .item(0)
                .getTextContent();
        String heading = "## " + version.replace("-SNAPSHOT", " (not released)");
        assertTrue(
                Files.readString(ROOT.resolve("CHANGELOG.md")).lines().anyMatch(heading::equals),
                () -> "CHANGELOG.md has no heading '" + heading + "'");
    }
}
