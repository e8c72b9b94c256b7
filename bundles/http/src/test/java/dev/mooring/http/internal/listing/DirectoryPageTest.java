package dev.mooring.http.internal.listing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.net.URI;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DirectoryPageTest {

    private static final SortOrder BY_NAME = SortOrder.of(null, null);
    private static final FileTime TIME = FileTime.from(Instant.parse("2026-11-05T07:08:09.123456789Z"));

    static List<String> oddNames() {
        return List.of(
                "plain.txt",
                "a b  c",
                " lead and trail ",
                "a:b",
                "http:x",
                "javascript:alert(1)",
                "?",
                "a?b=c&d",
                "#",
                "#top",
                "%",
                "%41",
                "%2e%2e",
                "..foo",
                "...",
                ".hidden",
                "+",
                "a+b",
                "&amp;",
                "&",
                "<script>alert(1)<",
                "\"",
                "a\" onclick=\"x",
                "'",
                "it's",
                "`",
                "\\",
                "..\\..\\x",
                "a\nb",
                "a\r\nb",
                "\t",
                "\u0001",
                "\u001b[31m",
                "\u007f",
                "\u0085",
                "exe.\u202etxt.gpj",
                "\u2066x",
                "\u2028",
                "é",
                "e\u0301",
                "日本語",
                "שלום",
                "مرحبا",
                "👩‍👩‍👧",
                "𝒳",
                "~",
                "-",
                "_",
                "*",
                "[x]",
                "{y}",
                "|",
                "^",
                ";",
                "=",
                "@",
                "!",
                "$",
                "(",
                ")",
                ",",
                "-->",
                "]]>",
                "x".repeat(255));
    }

    @ParameterizedTest
    @MethodSource("oddNames")
    void aLinkLeadsToExactlyTheFileItNames(String name) {
        URI link = URI.create(hrefsOfEntries(page(file(name, 1))).get(0));

        URI target = URI.create("http://host/files/docs/").resolve(link);

        assertEquals("/files/docs/" + name, target.getPath());
        assertEquals("host", target.getHost());
        assertNull(target.getRawQuery());
        assertNull(target.getRawFragment());
    }

    @ParameterizedTest
    @MethodSource("oddNames")
    void aLinkIsMadeOfUnreservedCharactersAndPercentSigns(String name) {
        String link = hrefsOfEntries(page(directory(name))).get(0);
        assertTrue(link.matches("\\./([A-Za-z0-9._~-]|%[0-9A-F]{2})+/"), link);
    }

    @ParameterizedTest
    @MethodSource("oddNames")
    void aNameAddsNoMarkupAndNothingInvisible(String name) {
        String odd = html(SharePath.ROOT.resolve(name), "/", List.of(file(name, 1)), name);
        String plain = html(SharePath.ROOT.resolve("x"), "/", List.of(file("x", 1)), "x");

        assertEquals(count(plain, "<"), count(odd, "<"));
        assertEquals(count(plain, ">"), count(odd, ">"));
        assertEquals(count(plain, "\""), count(odd, "\""));
        assertEquals(count(plain, "\n"), count(odd, "\n"));
        assertFalse(Pattern.compile("[\\p{Cc}\\u2028-\\u202e\\u2066-\\u2069&&[^\\n]]")
                .matcher(odd)
                .find());
    }

    @Test
    void namesAreEscapedInText() {
        assertShown("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;");
        assertShown("a\nb\u007f", "a\u240ab\u2421");
        assertShown("exe.\u202etxt.gpj\u0085", "exe.\ufffdtxt.gpj\ufffd");
        assertShown("שלום 👩‍👩‍👧", "שלום 👩‍👩‍👧");
    }

    @Test
    void unpairedSurrogateIsShownAndLinkedAsAReplacement() {
        String page = page(file("a\ud800b", 1), file("c\udc00", 1));
        assertTrue(page.contains("href=\"./a%EF%BF%BDb\"><bdi>a\ufffdb</bdi>"), page);
        assertTrue(page.contains("href=\"./c%EF%BF%BD\"><bdi>c\ufffd</bdi>"), page);
    }

    @Test
    void foldersComeFirstAndTheirLinksEndInASlash() {
        assertEquals(List.of("./z/", "./a.txt"), hrefsOfEntries(page(file("a.txt", 1), directory("z"))));
    }

    @Test
    void specialFileIsListedWithoutALink() {
        String page = page(new Entry(SharePath.of("pipe"), Entry.Kind.OTHER, 0, TIME, null));
        assertTrue(page.contains("<span class=\"other\"><bdi>pipe</bdi></span>"), page);
        assertEquals(List.of(), hrefsOfEntries(page));
    }

    @Test
    void aRowHasTheExactSizeAndTheTimeInUtc() {
        String page = page(file("a", 1234567));
        assertTrue(page.contains("<td title=\"1,234,567 bytes\">1.2 MB</td>"), page);
        assertTrue(page.contains("<time datetime=\"2026-11-05T07:08:09Z\">2026-11-05 07:08</time>"), page);
    }

    @Test
    void extremeTimesAreWritten() {
        for (long days : new long[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            FileTime time = FileTime.from(days, TimeUnit.DAYS);
            Entry entry = new Entry(SharePath.of("a"), Entry.Kind.FILE, 1, time, null);
            assertTrue(page(entry).contains("<time datetime="));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1, 1 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "1049, 1.0 kB",
        "1050, 1.1 kB",
        "999949, 999.9 kB",
        "999950, 1.0 MB",
        "23400000, 23.4 MB",
        "5368709120, 5.4 GB",
        "1000000000000000, 1.0 PB",
        "9223372036854775807, 9.2 EB"
    })
    void sizesAreReadable(long bytes, String readable) {
        assertEquals(readable, DirectoryPage.readableSize(bytes));
    }

    @Test
    void theSummaryCountsAndAddsUp() {
        assertTrue(page(file("a", 400), file("b", 800), directory("c"))
                .contains("<p>3 items, <span title=\"1,200 bytes\">1.2 kB</span></p>"));
        assertTrue(page(directory("c")).contains("<p>1 item</p>"));
    }

    @Test
    void anEmptyDirectoryHasAMessage() {
        String page = page();
        assertTrue(page.contains("This folder is empty."));
        assertFalse(page.contains("<table"));
        assertFalse(page.contains("download=zip"));
        assertTrue(page.contains(">Parent folder</a>"));
    }

    @Test
    void everyBreadcrumbIsALink() {
        String page = html(SharePath.of("a b/c&d/é"), "/my files/", List.of(), "Share <1>");
        assertTrue(page.contains("<li><a href=\"/my%20files/\"><bdi>Share &lt;1&gt;</bdi></a></li>"), page);
        assertTrue(page.contains("<li><a href=\"/my%20files/a%20b/\"><bdi>a b</bdi></a></li>"), page);
        assertTrue(page.contains("<li><a href=\"/my%20files/a%20b/c%26d/\"><bdi>c&amp;d</bdi></a></li>"), page);
        assertTrue(
                page.contains("<h1><a href=\"/my%20files/a%20b/c%26d/%C3%A9/\" aria-current=\"page\"><bdi>é</bdi>"),
                page);
        assertTrue(page.contains("<a class=\"up\" href=\"/my%20files/a%20b/c%26d/\">"), page);
        assertTrue(page.contains("<title>é - Share &lt;1&gt;</title>"), page);
    }

    @Test
    void theRootHasNoParent() {
        String page = html(SharePath.ROOT, "/", List.of(file("a", 1)), "share");
        assertFalse(page.contains("Parent folder"));
        assertTrue(page.contains("<h1><a href=\"/\" aria-current=\"page\"><bdi>share</bdi></a></h1>"), page);
        assertTrue(page.contains("<title>share</title>"));
    }

    @Test
    void theHeadOfTheSortedColumnShowsTheOrderAndOffersTheReverse() {
        String page = new String(
                DirectoryPage.html(
                        SharePath.ROOT,
                        "/",
                        List.of(file("a", 1)),
                        new SortOrder(SortOrder.Column.SIZE, true),
                        "share"),
                UTF_8);
        assertTrue(
                page.contains(
                        "<th scope=\"col\" aria-sort=\"descending\"><form><input type=\"hidden\" name=\"sort\" value=\"size\"><button name=\"order\" value=\"asc\""),
                page);
        assertTrue(
                page.contains(
                        "<th scope=\"col\"><form><input type=\"hidden\" name=\"sort\" value=\"name\"><button name=\"order\" value=\"asc\""),
                page);
        assertTrue(
                page.contains(
                        "<th scope=\"col\"><form><input type=\"hidden\" name=\"sort\" value=\"time\"><button name=\"order\" value=\"desc\""),
                page);
        assertEquals(1, count(page, "aria-sort=\""));
    }

    @Test
    void thePolicyAllowsTheStyleThatIsInThePage() throws Exception {
        String page = page(file("a", 1));
        String style = page.substring(page.indexOf("<style>") + 7, page.indexOf("</style>"));
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(style.getBytes(UTF_8)));
        assertTrue(DirectoryPage.POLICY.getValue().contains("style-src 'sha256-" + hash + "';"));
        assertEquals(1, count(page, "<style"));
        assertFalse(page.contains("style=\""));
    }

    @Test
    void thePageLoadsNothingElse() {
        String page = page(file("a", 1));
        assertFalse(page.contains("<script"));
        assertFalse(page.contains("src="));
        for (MatchResult url :
                Pattern.compile("url\\(\"?([^)]{5})").matcher(page).results().toList()) {
            assertEquals("data:", url.group(1));
        }
        assertEquals(1, count(page, "<link"));
        assertTrue(page.contains("<link rel=\"icon\" href=\"data:"));
    }

    private static void assertShown(String name, String expected) {
        String page = page(file(name, 1));
        assertTrue(page.contains("<bdi>" + expected + "</bdi></a></th>"), page);
    }

    private static String page(Entry... entries) {
        return html(SharePath.of("docs"), "/files/", Arrays.asList(entries), "share");
    }

    private static String html(SharePath directory, String basePath, List<Entry> entries, String shareName) {
        return new String(DirectoryPage.html(directory, basePath, entries, BY_NAME, shareName), UTF_8);
    }

    private static List<String> hrefsOfEntries(String page) {
        return Pattern.compile("<th scope=\"row\"><a class=\"[a-z]+\" href=\"([^\"]*)\"")
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private static Entry file(String name, long size) {
        return new Entry(SharePath.ROOT.resolve(name), Entry.Kind.FILE, size, TIME, null);
    }

    private static Entry directory(String name) {
        return new Entry(SharePath.ROOT.resolve(name), Entry.Kind.DIRECTORY, 0, TIME, null);
    }
}
