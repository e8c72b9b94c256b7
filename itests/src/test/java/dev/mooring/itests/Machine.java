package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A machine with a systemd and a network of its own, on which Mooring is installed, and on which pages of {@code docs/how-to} are followed. */
final class Machine implements AutoCloseable {

    /** More than that of {@link Systemd}, because a script has many commands. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** A paragraph of a page, and the indented block after it. */
    private static final Pattern BLOCK =
            Pattern.compile("(?m)^(\\S.*(?:\\n\\S.*)*)\\n\\n((?: {4}.*\\n|\\n(?=\\n* {4}))+)");

    /** A paragraph that says which file the block is. */
    private static final Pattern FILE = Pattern.compile("(?is).*?(append to )?`(/[^` ]+)`:");

    private final Systemd systemd;
    private String home = "/opt/mooring";

    /** Boots a machine, or skips the test with the reason why that is not possible. */
    Machine() throws IOException {
        // The archive is made on the host: the machine sees it.
        Variant.felix().makeArchive();
        systemd = Systemd.boot();
    }

    Systemd systemd() {
        return systemd;
    }

    /** The directory of Mooring. */
    String home() {
        return home;
    }

    /**
     * Installs Mooring as {@code docs/how-to/systemd.md} says, for HTTP, SFTP and FTP, with an access log, and with the account {@code ada}. If the
     * service can see the directory of the build, that stands for {@code /opt/mooring}, because it has an archive of classes.
     */
    void install() throws IOException, InterruptedException {
        String jdk = Variant.felix().javaHome();
        assumeTrue(
                systemd.exec("test", "-x", jdk + "/bin/java").status() == 0, jdk + " is not on the root file system");
        systemd.run("useradd", "--system", "--uid", "990", "--shell", "/usr/sbin/nologin", "mooring");
        Path built = Distribution.home();
        boolean hidden = Stream.of("/home", "/root", "/tmp").anyMatch(built::startsWith);
        if (!hidden
                && systemd.exec("setpriv", "--reuid=990", "test", "-x", built + "/bin/mooring")
                                .status()
                        == 0) {
            home = built.toString();
        } else {
            copy(built, home);
        }
        configure();
        systemd.shell("""
                echo 'ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=' > /etc/mooring/passwords
                cd %1$s/systemd
                for each in *; do sed 's,/opt/mooring/,%1$s/,' $each > /etc/systemd/system/$each; done
                mkdir -p /etc/systemd/system/mooring.service.d
                printf '[Service]\nEnvironment=JAVA_HOME=%2$s\n' > /etc/systemd/system/mooring.service.d/test.conf
                systemctl daemon-reload
                systemctl --quiet enable --now mooring-http.socket mooring-sftp.socket mooring-ftp.socket
                """.formatted(home, jdk));
    }

    /** Copies a directory onto the machine, without the archive of classes and the cache, which other tests change meanwhile. */
    void copy(Path directory, String to) throws IOException, InterruptedException {
        systemd.run("mkdir", "-p", to);
        Process unpack = systemd.start("tar", "--extract", "--no-same-owner", "--directory=" + to);
        try (var in = unpack.getOutputStream()) {
            Process pack = new ProcessBuilder(
                            "tar",
                            "--create",
                            "--exclude=./archive",
                            "--exclude=./cache",
                            "--directory=" + directory,
                            ".")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            pack.getInputStream().transferTo(in);
            assertEquals(0, pack.waitFor());
        }
        assertEquals(0, systemd.result(unpack).status());
    }

    /** Stops Mooring, and writes the files of the configuration as they are installed. */
    void configure() {
        systemd.shell("""
                ! systemctl --quiet is-active mooring.service || systemctl stop mooring.service
                mkdir -p /etc/mooring /srv/mooring
                cd %s/conf
                for each in *.cfg *.sample; do install -m 644 $each /etc/mooring/${each%%.sample}; done
                for each in http sftp ftp; do echo 'access.log = true' >> /etc/mooring/dev.mooring.$each-public.cfg; done
                """.formatted(home));
    }

    /** Starts the service of a Debian package, as its installation does. */
    void startDebian(String service) throws IOException {
        Path unit = Path.of("/lib/systemd/system/" + service + ".service");
        assumeTrue(Files.exists(unit), service + " is not installed");
        systemd.write("/etc/systemd/system/" + service + ".service", Files.readAllBytes(unit));
        systemd.shell("""
                [ ! -e /usr/lib/tmpfiles.d/%1$s.conf ] || systemd-tmpfiles --create /usr/lib/tmpfiles.d/%1$s.conf
                systemctl daemon-reload
                systemctl start %1$s
                """.formatted(service));
    }

    /**
     * Follows a section of a page as root: writes its files and executes its commands, in their order.
     *
     * @param replacements pairs of a text on the page and what a reader puts in its place
     */
    void follow(String page, String heading, String... replacements) throws IOException {
        String section = section(page, heading);
        for (int i = 0; i < replacements.length; i += 2) {
            String before = replacements[i];
            assertTrue(section.contains(before), () -> heading + " of " + page + " does not mention " + before);
            section = section.replace(before, replacements[i + 1]);
        }
        StringBuilder script = new StringBuilder();
        Matcher blocks = BLOCK.matcher(section);
        while (blocks.find()) {
            String block = blocks.group(2).replaceAll("(?m)^ {4}", "");
            Matcher file = FILE.matcher(blocks.group(1));
            if (file.matches()) {
                String target = file.group(2);
                script.append("mkdir -p ")
                        .append(target, 0, target.lastIndexOf('/'))
                        .append('\n');
                script.append("cat ")
                        .append(file.group(1) == null ? "> " : ">> ")
                        .append(target);
                script.append(" << 'END OF FILE'\n\n").append(block).append("END OF FILE\n");
            } else {
                script.append(block);
            }
        }
        bash(script.toString());
    }

    private static String section(String page, String heading) throws IOException {
        String text = Files.readString(HowTo.ROOT.resolve("docs/how-to").resolve(page));
        int start = text.indexOf("\n## " + heading + "\n");
        assertTrue(start > 0, () -> page + " has no section " + heading);
        int end = text.indexOf("\n## ", start + 1);
        return text.substring(start, end < 0 ? text.length() : end);
    }

    /** The commands of a section that has no files. */
    static List<String> commands(String page, String heading) throws IOException {
        return section(page, heading)
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(String::strip)
                .toList();
    }

    /** Runs a command that must succeed, and returns its output. */
    String run(String... command) {
        return systemd.run(command);
    }

    /**
     * Runs a script of bash as root, with or without {@code sudo}, that must succeed, and returns its output. {@code sudo systemctl reload} returns when the
     * processes with the old configuration have ended; of itself it returns before, and they may accept the next connection.
     */
    String bash(String script) {
        Systemd.Result result =
                systemd.result(systemd.startFor(PATIENCE, "bash", "-euo", "pipefail", "-c", """
                sudo() {
                  local old= each
                  if [ "$1 $2" = 'systemctl reload' ]; then
                    old=$(grep -vx "$(systemctl show --property=MainPID --value "$3")" \
                      "/sys/fs/cgroup$(systemctl show --property=ControlGroup --value "$3")/cgroup.procs")
                  fi
                  "$@"
                  for each in $old; do tail --pid="$each" --sleep-interval=0.01 --follow /dev/null; done
                }
                """ + script));
        assertEquals(0, result.status(), () -> script + ": " + result.text());
        return result.text();
    }

    /** What Mooring has logged since a time. */
    String log(Instant since) {
        return bash("journalctl --sync; " + journal(since));
    }

    /** Waits until Mooring has logged all of some texts since a time, given as extended regular expressions. */
    void awaitLog(Instant since, String... texts) {
        StringBuilder script = new StringBuilder();
        for (String text : texts) {
            script.append("grep -Eqm1 '%s' <(%s --no-tail --follow 2> /dev/null)\n".formatted(text, journal(since)));
        }
        bash(script.toString());
    }

    private static String journal(Instant since) {
        return "journalctl --quiet --output=cat --identifier=mooring --since=@%d.%06d"
                .formatted(since.getEpochSecond(), since.getNano() / 1000);
    }

    @Override
    public void close() throws IOException {
        systemd.close();
    }
}
