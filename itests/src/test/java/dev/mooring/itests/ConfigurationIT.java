package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Configuration files that are edited, added and removed while the runtime serves. */
class ConfigurationIT {

    private static final int REQUESTS_BETWEEN = 200;

    private final Variant variant;

    @TempDir
    Path directory;

    private Path files;
    private byte[] content;

    ConfigurationIT(Variant variant) {
        this.variant = variant;
    }

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
        content = new byte[20_000];
        new Random(5).nextBytes(content);
        Files.write(files.resolve("f"), content);
    }

    private Distribution distribution() throws IOException {
        return new Distribution(directory, variant).serving(files);
    }

    @EveryRuntime
    void noConnectionIsRefusedOrCutWhileTheServerAndItsShareChange() throws Exception {
        Path moved = Files.createDirectories(directory.resolve("moved"));
        Files.write(moved.resolve("f"), content);
        Distribution distribution = distribution();
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals("200", Curl.status("http://127.0.0.1:" + mooring.port("http") + "/f"));
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, 8, 8);
            try (load) {
                int mark = mooring.mark();
                distribution.configure("dev.mooring.http-public.cfg", "cache.size = 0");
                mooring.awaitLine(mark, "serves share 'default'");
                load.awaitRequests(REQUESTS_BETWEEN);
                mark = mooring.mark();
                distribution.configure("dev.mooring.share-default.cfg", "root = " + moved);
                mooring.awaitLine(mark, "serves share 'default'");
                load.awaitRequests(REQUESTS_BETWEEN);
            }
            assertEquals(List.of(), load.failures());
        }
    }

    @OneRuntime
    void aServerStopsWithItsFileAndConnectionsWaitForTheNext() throws Exception {
        Distribution distribution = distribution();
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            assertEquals("200", Curl.status(url));
            distribution.remove("dev.mooring.http-public.cfg");
            String socket = mooring.descriptor(3).orElseThrow();
            mooring.awaitDescriptors(
                    open -> Collections.frequency(open, socket) == 1, "the server to give its socket back");
            distribution.configure("dev.mooring.http-other.cfg", "sockets.target = (socket.name=http)");
            assertEquals("200", Curl.status(url));
            mooring.awaitLine("http~other serves");
        }
    }

    @OneRuntime
    void runningServersUseChangedAccounts() throws Exception {
        Path passwords = Files.writeString(directory.resolve("others"), "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
        Distribution distribution =
                distribution().servingAll(files).configure("dev.mooring.http-public.cfg", "authentication = true");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "ftp=tcp4", "ftp-data=tcp4")) {
            String http = "http://127.0.0.1:" + mooring.port("http") + "/f";
            String ftp = "ftp://127.0.0.1:" + mooring.port("ftp") + "/";
            assertEquals("200", Curl.status("-u", "ada:secret", http));
            distribution.configure("dev.mooring.accounts-default.cfg", "passwords = " + passwords);
            long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
            while (!Curl.status("-u", "bob:secret", http).equals("200")) {
                assertTrue(System.nanoTime() < deadline, mooring::output);
            }
            assertEquals("f\n", Curl.get("-l", "-u", "bob:secret", ftp).replace("\r", ""));
            assertEquals("401", Curl.status("-u", "ada:secret", http));
        }
    }
}
