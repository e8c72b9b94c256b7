package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS and FTPS have the same TLS settings, seen from openssl. */
class TlsIT {

    private final Variant variant;

    TlsIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    @EveryRuntime
    void everyProtocolRefusesWeakTls() throws Exception {
        Tool openssl = Tool.of("openssl", "openssl");
        openssl.run(
                directory,
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-days",
                "1",
                "-out",
                "cert.pem",
                "-keyout",
                "key.pem");
        String[] identity = {
            "tls.certificate = " + directory.resolve("cert.pem"), "tls.key = " + directory.resolve("key.pem")
        };
        Path files = Files.createDirectories(directory.resolve("files"));
        Distribution distribution = new Distribution(directory, variant).servingAll(files);
        distribution.append("dev.mooring.http-public.cfg", identity);
        distribution.append("dev.mooring.ftp-public.cfg", identity);
        distribution.append("dev.mooring.ftp-public.cfg", "tls = allowed");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "ftp=tcp4")) {
            mooring.awaitLine("http~public serves");
            mooring.awaitLine("ftp~public serves");
            for (List<String> target : List.of(
                    List.of("-connect", "127.0.0.1:" + mooring.port("http")),
                    List.of("-connect", "127.0.0.1:" + mooring.port("ftp"), "-starttls", "ftp"))) {
                for (List<String> weak : List.of(
                        List.of("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
                        List.of("-tls1_2", "-cipher", "AES128-GCM-SHA256"),
                        List.of("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA"),
                        List.of("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"))) {
                    Tool.Outcome outcome = connect(openssl, target, weak);
                    assertNotEquals(0, outcome.status(), () -> target + " " + weak + ": " + outcome.output());
                    assertTrue(outcome.output().contains("Cipher is (NONE)"), outcome.output());
                }
                for (String good : List.of("-tls1_2", "-tls1_3")) {
                    Tool.Outcome outcome = connect(openssl, target, List.of(good));
                    assertEquals(0, outcome.status(), () -> target + " " + good + ": " + outcome.output());
                }
                List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-tls1_2"));
                command.addAll(target);
                try (ChildProcess client = new ChildProcess(new ProcessBuilder(command))) {
                    client.awaitLine("Extended master secret");
                    // openssl asks for another handshake. A server that agreed would continue the session.
                    client.send("R");
                    client.awaitLine("RENEGOTIATING");
                    client.awaitExit();
                }
            }
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    private Tool.Outcome connect(Tool openssl, List<String> target, List<String> options) throws Exception {
        List<String> all = new ArrayList<>(List.of("s_client"));
        all.addAll(target);
        all.addAll(options);
        return openssl.in(directory, all.toArray(String[]::new));
    }
}
