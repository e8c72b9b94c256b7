package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protocol bundles are replaced in the assembled runtime while clients use them. */
class SwapIT {

    private static final int SWAPS = Integer.getInteger("mooring.swaps", 12);
    private static final int CLIENTS = 64;
    private static final int REQUESTS_BETWEEN = 500;

    @TempDir
    private static Path bundles;

    private static Path console;

    @TempDir
    private Path directory;

    private Path files;

    @BeforeAll
    static void makeTheConsole() throws Exception {
        console = ProbeProcess.bundle("console.ConsoleActivator", bundles);
    }

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
    }

    private ActivatedProcess start(String... sockets) throws IOException {
        Distribution distribution = new Distribution(directory, Jdk.RUNNING).serving(files);
        return ActivatedProcess.with(sockets)
                .variable("JAVA_HOME", distribution.javaHome())
                .variable(
                        "MOORING_JAVA_OPTIONS",
                        "-Dorg.osgi.framework.startlevel.beginning=3 -Dfelix.auto.start.3=" + console.toUri())
                .start(distribution.command());
    }

    private static void ask(ActivatedProcess mooring, String question) {
        int mark = mooring.mark();
        mooring.send(question);
        mooring.awaitLine(mark, line -> line.equals("=."), "the answer to " + question);
    }

    @Test
    @org.junit.jupiter.api.Timeout(200)
    void nobodyIsRefusedOrCutOffWhileTheHttpBundleIsReplaced() throws Exception {
        byte[] content = new byte[20_000];
        new Random(1).nextBytes(content);
        Files.write(files.resolve("f"), content);
        try (ActivatedProcess mooring = start("http=tcp4")) {
            assertEquals("200", Curl.status("http://127.0.0.1:" + mooring.port("http") + "/f"));
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, CLIENTS, CLIENTS);
            try (load) {
                for (int i = 0; i < SWAPS; i++) {
                    long begin = System.nanoTime();
                    switch (i % 3) {
                        case 0 -> {
                            ask(mooring, "stop dev.mooring.http");
                            ask(mooring, "start dev.mooring.http");
                        }
                        case 1 -> ask(mooring, "update dev.mooring.http");
                        default -> {
                            ask(mooring, "update dev.mooring.http");
                            ask(mooring, "refresh dev.mooring.http");
                        }
                    }
                    System.out.println("swaps " + i + " " + (System.nanoTime() - begin) / 1_000_000 + " ms, " + load);
                    load.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            System.out.println(SWAPS + " swaps of the HTTP bundle: " + load);
            assertEquals(List.of(), load.failures());
            assertTrue(load.longestMillis() < 5000, load::toString);
        }
    }
}
