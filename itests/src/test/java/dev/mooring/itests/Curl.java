package dev.mooring.itests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs curl. */
final class Curl {

    private Curl() {}

    /** The output of curl, with headers if {@code -i} is an argument. Fails if curl fails. */
    static String get(String... arguments) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
        List<String> command =
                new ArrayList<>(List.of("/usr/bin/curl", "-sS", "-g", "--noproxy", "*", "--max-time", "60"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        curl.getOutputStream().close();
        String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = curl.waitFor();
        if (status != 0) {
            throw new AssertionError("curl " + List.of(arguments) + " ended with " + status + ": " + output);
        }
        return output;
    }

    /** The status code of the answer. */
    static String status(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-o", "/dev/null", "-w", "%{http_code}"));
        all.addAll(List.of(arguments));
        return get(all.toArray(String[]::new));
    }
}
