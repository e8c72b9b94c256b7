package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Behind nginx and HAProxy on one machine, with the files and commands of {@code docs/how-to/proxies.md}. */
@PageTest
class ProxiesIT {

    private static final String CLIENT = "198.51.100.7";
    private static final String FILES = "http://files.example.com/files";
    private static final Pattern LINK = Pattern.compile("href=\"(?!data:)([^\"]+)\"");

    private static Machine machine;

    @RegisterExtension
    AfterTestExecutionCallback showLog = context -> {
        if (context.getExecutionException().isPresent()) {
            System.err.println(machine.run("journalctl", "--boot", "--no-pager", "--lines=80"));
        }
    };

    @BeforeAll
    static void boot() throws IOException, InterruptedException {
        machine = new Machine();
        machine.install();
        machine.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo");
        machine.run("ip", "address", "add", CLIENT + "/32", "dev", "lo");
        machine.systemd().write("/srv/mooring/hello.txt", "hello");
        machine.systemd().write("/srv/mooring/d/a b%2F?#.txt", "odd");
    }

    @AfterAll
    static void shutDown() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }

    @Test
    void nginx() throws IOException {
        machine.configure();
        machine.startDebian("nginx");
        machine.follow("proxies.md", "nginx");
        serves();
        linksLeadToFiles();
        machine.run("systemctl", "stop", "nginx");
    }

    @Test
    void haproxy() throws IOException {
        machine.configure();
        machine.startDebian("haproxy");
        machine.follow("proxies.md", "HAProxy");
        serves();
        machine.run("sed", "-i", "s/send-proxy-v2/send-proxy/", "/etc/haproxy/haproxy.cfg");
        machine.bash("sudo systemctl reload haproxy");
        serves();
        machine.run("systemctl", "stop", "haproxy");
    }

    /** Every protocol serves a client of the proxy, and knows its address. */
    private static void serves() {
        Instant began = Instant.now();
        List<String> answers = client("""
                get $files/hello.txt
                get $files/d/a%20b%252F%3F%23.txt
                get -L -o /dev/null -w '%{url_effective}' $files
                get -L -o /dev/null -w '%{url_effective}' $files/d
                get -k -u ada:secret sftp://192.0.2.1:2022/hello.txt
                get -u ada:secret ftp://192.0.2.1/hello.txt
                get -u ada:secret --disable-epsv --no-ftp-skip-pasv-ip ftp://192.0.2.1/hello.txt
                """);
        assertEquals(List.of("hello", "odd", FILES + "/", FILES + "/d/", "hello", "hello", "hello"), answers);
        machine.awaitLog(
                began,
                CLIENT + " - - .* \"GET /files/hello.txt HTTP/1.1\" 200 5 ",
                CLIENT + " - ada .* \"READ /hello.txt SFTP\" 0 5 ",
                CLIENT + " - ada .* \"RETR /hello.txt FTP\" 226 5 ");
        assertFalse(machine.log(began).contains("127.0.0.1 - "), () -> machine.log(began));
    }

    private static void linksLeadToFiles() {
        StringBuilder requests = new StringBuilder();
        for (String page : List.of(FILES + "/", FILES + "/d/")) {
            Matcher link = LINK.matcher(String.join("\n", client("get " + page)));
            while (link.find()) {
                URI target = URI.create(page).resolve(link.group(1).replace("&amp;", "&"));
                requests.append("get -o /dev/null '").append(target).append("'\n");
            }
        }
        assertTrue(requests.indexOf(FILES + "/d/a%20b%252F%3F%23.txt'") > 0, requests::toString);
        client(requests.toString());
    }

    /** Runs a script with curl as {@code get}, which must succeed. Returns the lines of its output. */
    private static List<String> client(String script) {
        return machine.bash("""
                        files=%s
                        get() {
                            curl -gsS --fail --max-time 50 --interface %s --connect-to files.example.com:80:192.0.2.1:80 "$@"
                            echo
                        }
                        %s
                        """.formatted(FILES, CLIENT, script)).lines().toList();
    }
}
