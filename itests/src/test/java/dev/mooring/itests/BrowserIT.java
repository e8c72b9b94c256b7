package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Listings of the assembled runtime in a real browser. */
@ParameterizedClass
@MethodSource("dev.mooring.itests.Variant#one")
class BrowserIT {

    @Parameter
    Variant variant;

    private static final String DOCUMENT = "document.documentElement";
    private static final String NAMES = "[...document.querySelectorAll('tbody bdi')].map(name => name.textContent)";
    private static final String SORT_BY_SIZE = "document.readyState + ' '"
            + " + document.querySelector('thead th:nth-child(2)')?.getAttribute('aria-sort')";
    private static final List<String> ODD_NAMES = List.of(
            "a:b",
            "http:x",
            "javascript:alert(1)",
            "?",
            "a?b=c&d",
            "#",
            "%",
            "%41",
            "%2e%2e",
            "..foo",
            "+",
            "a  b",
            " lead",
            "&amp;",
            "<script>alert(1)<",
            "\"",
            "a\" onclick=\"x",
            "it's",
            "\\",
            "a\nb",
            "\t",
            "\u202egpj",
            "é",
            "e\u0301",
            "日本語",
            "שלום",
            "👩‍👧",
            ";x=y",
            "[x]",
            "{y}",
            "|",
            "^",
            "x".repeat(240));

    private static String url = "";

    @TempDir
    static Path profile;

    @TempDir
    static Path directory;

    private static ActivatedProcess mooring;
    private static Browser browser;

    @BeforeParameterizedClassInvocation
    static void serveAndStartBrowser(Variant variant) throws IOException {
        assumeTrue(Browser.isInstalled(), "chromium and chromium-driver are not installed in /usr/bin");
        Path files = Files.createDirectories(directory.resolve("files"));
        fill(files);
        mooring = new Distribution(directory, variant).serving(files).start("http=tcp4");
        url = "http://127.0.0.1:" + mooring.port("http") + "/";
        browser = new Browser(profile);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (mooring != null) {
            mooring.close();
        }
    }

    @BeforeEach
    void openShareOnDesktop() {
        browser.show(1200, 900, false);
        browser.preferColorScheme("light");
        browser.open(url);
        browser.console();
    }

    @Test
    void thePageIsStyledBreaksNoPolicyAndLoadsNothingElse() {
        browser.open(url);
        assertEquals("[]", browser.console());
        assertEquals("0", browser.evaluate("performance.getEntriesByType('resource').length"));
        assertTrue(styleOf("tbody a", "backgroundImage").startsWith("url(\"data:image/svg+xml"));
    }

    @Test
    void clickingAFolderOpensItAndItsBreadcrumbLeadsBack() {
        browser.click("tbody a[href='./folder%20%231/']");
        assertEquals(url + "folder%20%231/", browser.evaluate("location.href"));
        assertEquals("inside.txt", browser.evaluate(NAMES));

        browser.click("nav li:first-child a");
        assertEquals(url, browser.evaluate("location.href"));

        browser.click("tbody a[href='./folder%20%231/']");
        browser.click("a.up");
        assertEquals(url, browser.evaluate("location.href"));
    }

    @Test
    void clickingTheSizeHeaderSortsBySizeAndThenReverses() {
        String size = "thead th:nth-child(2)";

        browser.click(size + " button");
        awaitSort("descending");
        assertEquals("empty,folder #1,odd,large.txt,medium.txt,small.txt", browser.evaluate(NAMES));

        browser.click(size + " button");
        awaitSort("ascending");
        assertEquals("empty,folder #1,odd,small.txt,medium.txt,large.txt", browser.evaluate(NAMES));
    }

    /** The click submits a form. WebDriver does not wait for that, as it does for a link. */
    private void awaitSort(String expected) {
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        while (!browser.evaluate(SORT_BY_SIZE).equals("complete " + expected)) {
            assertTrue(System.nanoTime() < deadline, () -> browser.evaluate(SORT_BY_SIZE));
        }
    }

    @Test
    void everyOddNameIsListedAndItsLinkOpensItsFile() {
        String odd = url + "odd/";
        browser.open(odd);
        assertEquals("[]", browser.console());
        int links = Integer.parseInt(browser.evaluate("document.querySelectorAll('tbody a').length"));
        assertEquals(ODD_NAMES.size(), links);
        for (int row = 1; row <= links; row++) {
            browser.open(odd);
            String link = "tbody tr:nth-child(" + row + ") a";
            String name = browser.evaluate("decodeURIComponent(document.querySelector('" + link
                            + "').getAttribute('href').substring(2))")
                    .replaceFirst("\\.txt$", "");
            int index = ODD_NAMES.indexOf(name);
            assertTrue(index >= 0, name);

            browser.click(link);

            assertEquals("file " + index, browser.evaluate("document.body.textContent.trim()"), name);
        }
    }

    @Test
    void anEmptyFolderIsReportedAsEmpty() {
        browser.click("tbody a[href='./empty/']");
        assertEquals("This folder is empty.", browser.evaluate("document.querySelector('main').textContent.trim()"));
    }

    @Test
    void thePageFitsAPhone() {
        browser.show(360, 740, true);
        for (String path : List.of("", "odd/", "empty/", "folder%20%231/")) {
            browser.open(url + path);
            assertEquals("360", browser.evaluate("innerWidth"), path);
            assertEquals("360", browser.evaluate(DOCUMENT + ".scrollWidth"), path);
        }
    }

    @Test
    void thePageFollowsThePreferenceForDark() {
        assertTrue(brightness() > 200);
        browser.preferColorScheme("dark");
        assertTrue(brightness() < 50);
    }

    @Test
    void theFocusedElementIsOutlined() {
        browser.pressTab();
        assertEquals("A", browser.evaluate("document.activeElement.tagName"));
        assertEquals("solid", browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"));
    }

    private static int brightness() {
        return Integer.parseInt(browser.evaluate("getComputedStyle(" + DOCUMENT
                + ").backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => Math.max(a, b))"));
    }

    private static String styleOf(String selector, String property) {
        return browser.evaluate("getComputedStyle(document.querySelector(\"" + selector + "\"))." + property);
    }

    private static void fill(Path root) throws IOException {
        Files.writeString(root.resolve("small.txt"), "s");
        Files.writeString(root.resolve("medium.txt"), "m".repeat(2_000));
        Files.writeString(root.resolve("large.txt"), "l".repeat(30_000));
        Files.createDirectories(root.resolve("empty"));
        Path folder = Files.createDirectories(root.resolve("folder #1"));
        Files.writeString(folder.resolve("inside.txt"), "inside");
        Path odd = Files.createDirectories(root.resolve("odd"));
        for (int i = 0; i < ODD_NAMES.size(); i++) {
            Files.writeString(odd.resolve(ODD_NAMES.get(i) + ".txt"), "file " + i);
        }
    }
}
