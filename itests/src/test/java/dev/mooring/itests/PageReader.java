package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.itests.Systemd.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** A reader of a page of {@code docs/how-to}, who is root on a {@link Systemd} and types its commands in the directory of the project. */
final class PageReader {

    /** The directory of the project. */
    static final String PROJECT = "/root/mooring";

    /** The password that the reader has in mind. */
    static final String PASSWORD = "secret";

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String ANSWER = "/root/answer";
    private static final String PRELUDE =
            "sudo() { \"$@\"; }; cd " + PROJECT + "; export SSH_ASKPASS=" + ANSWER + " SSH_ASKPASS_REQUIRE=force\n";

    private final Systemd systemd;
    private final String page;

    /** Gives the reader a key for SSH, and reads the page. */
    PageReader(Systemd systemd, String name) throws IOException {
        this.systemd = systemd;
        page = Files.readString(HowTo.ROOT.resolve("docs/how-to").resolve(name));
        systemd.write(ANSWER, "#!/bin/sh\ncase $1 in *yes/no*) echo yes ;; *) echo " + PASSWORD + " ;; esac\n");
        systemd.shell("chmod 755 " + ANSWER + "; mkdir -p " + PROJECT
                + "; rm -rf /root/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519");
    }

    /** The commands of a section. */
    List<String> commands(String section) {
        int start = page.indexOf("\n## " + section + "\n");
        assertTrue(start >= 0, () -> "the page has no section " + section);
        int end = page.indexOf("\n## ", start + 1);
        return page.substring(start, end)
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(String::strip)
                .toList();
    }

    /** Follows a section to the end. Each command that asks for a password gets it; an sftp session lists the directory. */
    void follow(String section) {
        commands(section).forEach(this::type);
    }

    /** Types a command, which must succeed. */
    void type(String command) {
        Result result = attempt(command);
        assertEquals(0, result.status(), () -> command + ": " + result.text());
    }

    /** Types a command. */
    Result attempt(String command) {
        Process shell = start(command);
        try (OutputStream in = shell.getOutputStream()) {
            in.write((command.startsWith("sftp ") ? "ls\n" : PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The command has ended, and did not ask.
            if (shell.isAlive()) {
                throw new UncheckedIOException(command, e);
            }
        }
        return systemd.result(shell);
    }

    /** Types a command that asks for nothing, and does not wait for its end; for {@link Systemd#result}. */
    Process start(String command) {
        return systemd.startFor(PATIENCE, "bash", "-c", PRELUDE + command);
    }
}
