package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's Chromium without a window, controlled by chromedriver (W3C WebDriver over HTTP). */
final class Browser implements AutoCloseable {

    static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    static final Path CHROMEDRIVER = Path.of("/usr/bin/chromedriver");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([^\"]+)\"");
    private static final Pattern ELEMENT = Pattern.compile("\"element-6066-11e4-a52e-4f735466cecf\":\"([^\"]+)\"");
    private static final Pattern STRING = Pattern.compile("\\{\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"\\}");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private final String session;

    /**
     * Starts a browser.
     *
     * @param profile an empty directory for the browser's state
     */
    Browser(Path profile) throws IOException {
        driver = new ProcessBuilder(CHROMEDRIVER.toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        try {
            String driverUrl = "http://127.0.0.1:" + port();
            String created = send("POST", driverUrl + "/session", """
                    {"capabilities": {"alwaysMatch": {
                      "goog:loggingPrefs": {"browser": "ALL"},
                      "goog:chromeOptions": {"binary": %s, "args": [
                        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
                        "--no-first-run", "--disable-background-networking", "--disable-component-update",
                        "--disable-sync", %s]}}}}
                    """.formatted(
                            quote(CHROMIUM.toString()), quote("--user-data-dir=" + profile)));
            session = driverUrl + "/session/" + group(SESSION, created);
        } catch (IOException | RuntimeException e) {
            driver.destroy();
            throw e;
        }
    }

    static boolean isInstalled() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(CHROMEDRIVER);
    }

    void open(String url) {
        command("/url", "{\"url\": " + quote(url) + "}");
    }

    void click(String cssSelector) {
        String found = command("/element", "{\"using\": \"css selector\", \"value\": " + quote(cssSelector) + "}");
        command("/element/" + group(ELEMENT, found) + "/click", "{}");
    }

    void pressTab() {
        command("/actions", """
                {"actions": [{"type": "key", "id": "keyboard", "actions": [
                  {"type": "keyDown", "value": "\\uE004"}, {"type": "keyUp", "value": "\\uE004"}]}]}
                """);
    }

    /** The value of a JavaScript expression, as a string. */
    String evaluate(String expression) {
        String script = quote("return String(" + expression + ")");
        String json = group(STRING, command("/execute/sync", "{\"script\": " + script + ", \"args\": []}"));
        return ESCAPE.matcher(json)
                .replaceAll(escape -> Matcher.quoteReplacement(unescape(escape.group(1), escape.group(2))));
    }

    /** Messages of the page since the last call, including violations of its policy, as a JSON array. */
    String console() {
        String log = command("/se/log", "{\"type\": \"browser\"}");
        return log.substring("{\"value\":".length(), log.length() - 1);
    }

    void show(int width, int height, boolean phone) {
        devTools(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\": %d, \"height\": %d, \"deviceScaleFactor\": 1, \"mobile\": %b}"
                        .formatted(width, height, phone));
    }

    void preferColorScheme(String scheme) {
        devTools(
                "Emulation.setEmulatedMedia",
                "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": " + quote(scheme) + "}]}");
    }

    @Override
    public void close() {
        try {
            send("DELETE", session, "");
        } finally {
            driver.destroy();
            try {
                if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                    driver.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void devTools(String method, String parameters) {
        command("/goog/cdp/execute", "{\"cmd\": " + quote(method) + ", \"params\": " + parameters + "}");
    }

    private String command(String path, String body) {
        return send("POST", session + path, body);
    }

    private String send(String method, String url, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .method(method, BodyPublishers.ofString(body))
                .header("Content-Type", "application/json; charset=utf-8")
                .timeout(TIMEOUT)
                .build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString(UTF_8));
            if (response.statusCode() != 200) {
                throw new IllegalStateException("chromedriver answered " + body + " with " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("Interrupted while waiting for chromedriver", e);
        }
    }

    private String port() throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(driver.getInputStream(), UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                return port.group(1);
            }
        }
        throw new IOException(CHROMEDRIVER + " ended before it reported its port");
    }

    private static String group(Pattern pattern, String json) {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("chromedriver answered " + json + ", where " + pattern + " was expected");
        }
        return matcher.group(1);
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String unescape(String hex, String letter) {
        if (hex != null) {
            return String.valueOf((char) Integer.parseInt(hex, 16));
        }
        int control = "nrtbf".indexOf(letter);
        return control < 0 ? letter : "\n\r\t\b\f".substring(control, control + 1);
    }
}
