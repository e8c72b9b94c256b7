package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.itests.Systemd.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The life of the Debian package on a real systemd, from the installation to the purge, by the commands of docs/how-to/debian.md as they are printed. Each test
 * goes on where the one before ended.
 */
@PageTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
class DebianIT {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String SERVICE = "mooring.service";
    private static final String INSTANCE = "mooring@site.service";
    private static final String URL = "http://127.0.0.1:8080/hello.txt";
    private static final String OLD_VERSION = "0.9";

    /** Lists what the package can change. */
    private static final String FILES = "find /etc /srv /usr/lib/systemd /usr/lib/sysusers.d /usr/sbin /usr/share/man"
            + " /usr/share/doc /usr/share/mooring /usr/share/lintian $(find /var -xdev -name '*mooring*' -prune 2> /dev/null)"
            + " -xdev 2> /dev/null | grep -Ev '^/etc/(passwd|group|g?shadow)-|^/var/(lib/dpkg|cache/man)/' | sort";

    private static boolean failed;
    private static PageReader reader;
    private static Process lintian;
    private static Systemd systemd;
    private static Instant began;

    @RegisterExtension
    AfterTestExecutionCallback showJournal = context -> {
        if (context.getExecutionException().isPresent()) {
            failed = true;
            System.err.println(systemd.run("journalctl", "--boot", "--unit=mooring*", "--no-pager", "--lines=60"));
        }
    };

    @BeforeAll
    static void bootWithThePackageAndAnOlderOne() throws IOException {
        Path deb = build();
        systemd = Systemd.boot();
        for (String tool : List.of("apt", "curl", "dpkg-deb", "openssl", "script", "sftp", "ssh-keygen")) {
            assumeTrue(systemd.exec("which", tool).status() == 0, tool + " is not installed");
        }
        if (systemd.exec("which", "lintian").status() == 0) {
            lintian = new ProcessBuilder("lintian", "--fail-on=error,warning", deb.toString())
                    .redirectErrorStream(true)
                    .start();
        }
        reader = new PageReader(systemd, "debian.md");
        systemd.write("/root/new.deb", Files.readAllBytes(deb));
        systemd.write("/etc/apt/apt.conf.d/yes", "APT::Get::Assume-Yes \"true\";\n");
        systemd.write("/usr/local/bin/java", "#!/bin/sh\necho no java; exit 1\n");
        systemd.write("/root/jdk/usr/lib/jvm/other/release", "JAVA_VERSION=\"17\"\n");
        systemd.write("/root/jdk/DEBIAN/control", """
                Package: other-jdk
                Version: 1
                Architecture: all
                Maintainer: nobody
                Description: none
                """);
        systemd.shell("""
                rm -f /usr/sbin/policy-rc.d
                rm -rf /var/lib/apt/lists/* /var/lib/man-db/auto-update  # would only cost time
                chmod 755 /usr/local/bin/java
                mkdir -p /root/mooring/runtime-config/target
                cd /root
                dpkg-deb --raw-extract new.deb old
                sed -i 's/^Version:.*/Version: %s/' old/DEBIAN/control
                echo '# An old line' >> old/etc/mooring/dev.mooring.http-public.cfg
                dpkg-deb --build -Znone old mooring/runtime-config/target/mooring_%s_all.deb
                rm -r old
                dpkg-deb --build -Znone jdk
                """.formatted(OLD_VERSION, OLD_VERSION));
        systemd.shell(FILES + " > /root/before");
    }

    private static Path build() throws IOException {
        try (var debs = Files.newDirectoryStream(HowTo.ROOT.resolve("runtime-config/target"), "mooring_*_all.deb")) {
            Iterator<Path> each = debs.iterator();
            assertTrue(each.hasNext(), "there is no Debian package; build it: mvn package");
            return each.next();
        }
    }

    @AfterAll
    static void shutDown() throws IOException {
        if (lintian != null) {
            lintian.destroy();
        }
        if (systemd != null) {
            systemd.close();
        }
    }

    @BeforeEach
    void followsTheTestBefore() {
        assumeFalse(failed, "a test before this one has failed");
    }

    @Test
    @Order(1)
    void httpIsServedAfterTwoCommands() {
        began = Instant.now();
        List<String> commands = reader.commands("HTTP");
        Result installed = reader.attempt(commands.get(0));
        assumeFalse(
                installed.text().contains("unmet dependencies"),
                () -> "the dependencies of the package are not installed: " + installed.text());
        assertEquals(0, installed.status(), installed::text);
        assertTrue(installed.text().contains("no archive of classes was made, so each start takes longer: no java"));
        // The JDK comes, and triggers the archive.
        reader.type("sudo rm /usr/local/bin/java && dpkg --install /root/jdk.deb");
        assertEquals(
                "disabled",
                systemd.exec("systemctl", "is-enabled", "mooring-http.socket").text());
        systemd.write("/srv/mooring/hello.txt", "hello");

        commands.subList(1, commands.size()).forEach(reader::type);

        assertEquals("hello", get(URL));
        awaitActive(SERVICE);
        assertEquals("mooring", systemd.run("ps", "-o", "user=", "-p", pid(SERVICE)));
        assertTrue(commandLine(SERVICE).contains("-Dmooring.protocols=http\0"), "other protocols delay the start");
        assertTrue(commandLine(SERVICE).contains("/usr/share/mooring/archive/felix-"), "the archive is not used");
        assertNoWarnings();
        assertEquals("640 root mooring", systemd.run("stat", "--format=%a %U %G", "/etc/mooring/passwords"));
    }

    @Test
    @Order(2)
    void sftpAndFtpAreAddedWhileItServes() {
        Process load = startLoad();
        for (String each : reader.commands("SFTP and FTP")) {
            if (each.startsWith("sftp")) {
                hideJars();
            }
            reader.type(each);
        }
        systemd.shell("""
                mv /root/modules /usr/share/mooring/
                echo 'get hello.txt /root/by-key' | sftp -P 2022 -b - bob@127.0.0.1
                cmp /root/by-key /srv/mooring/hello.txt""");
        assertEquals("640 root mooring", systemd.run("stat", "--format=%a %U %G", "/etc/mooring/keys/bob"));
        endLoad(load);
    }

    /** Hides the jars from the running process, as an upgrade does that replaces them. It must have opened all. */
    private static void hideJars() {
        get(URL);
        awaitActive(SERVICE);
        int jars =
                systemd.shell("ls /usr/share/mooring/modules").lines().toList().size();
        systemd.await(
                "all jars being open",
                PATIENCE,
                // A descriptor may be closed while ls reads it; ls complains of that.
                () -> Integer.parseInt(
                                systemd.shell("ls -l /proc/%s/fd 2>/dev/null | grep -o '/modules/.*' | sort -u | wc -l"
                                        .formatted(pid(SERVICE))))
                        == jars);
        systemd.shell("mv /usr/share/mooring/modules /root/");
    }

    @Test
    @Order(3)
    void aPasswordIsTypedTwiceOnATerminalAndAnAccountIsRemoved() {
        String said = systemd.shell("printf 'sesame\\nsesame\\n' | script -qec 'mooring-adduser eve' /dev/null");
        assertTrue(said.contains("Password of eve:") && said.contains("The same again:"), said);
        systemd.shell("curl -sS --fail --max-time 50 -u eve:sesame ftp://127.0.0.1:2121/hello.txt");

        said = systemd.exec("sh", "-c", "printf 'one\\ntwo\\n' | script -qec 'mooring-adduser eve' /dev/null")
                .text();
        assertTrue(said.contains("the two passwords differ; nothing was changed"), said);
        said = systemd.exec("mooring-adduser", "--key", "/root/.ssh/id_ed25519", "eve")
                .text();
        assertTrue(said.contains("is a private key; name the public one"), said);
        said = systemd.exec("mooring-adduser", "../eve").text();
        assertTrue(said.contains("cannot be the name of an account"), said);

        said = systemd.exec("sh", "-c", "printf '%0257d\\n' 1 | mooring-adduser eve")
                .text();
        assertTrue(said.contains("the password is longer than 256 bytes; nothing was changed"), said);
        systemd.shell("printf '%0256d\\n' 1 | mooring-adduser long; mooring-adduser --remove long");
        systemd.shell("curl -sS --fail --max-time 50 -u eve:sesame ftp://127.0.0.1:2121/hello.txt");

        systemd.run("mooring-adduser", "--remove", "eve");
        assertEquals("ada", systemd.run("cut", "-d:", "-f1", "/etc/mooring/passwords"));
        assertNotEquals(0, systemd.exec("mooring-adduser", "--remove", "eve").status());
    }

    @Test
    @Order(4)
    void filesAreUploaded() {
        reader.follow("Uploads");

        systemd.shell("curl -sS --fail --max-time 50 -u ada:secret -T /root/answer ftp://127.0.0.1:2121/by-ftp");
        systemd.shell("curl -sS --fail --max-time 50 -k -u ada:secret -T /root/answer sftp://127.0.0.1:2022/by-sftp");
        systemd.shell("cmp /root/answer /srv/mooring/by-ftp; cmp /root/answer /srv/mooring/by-sftp");
    }

    @Test
    @Order(5)
    void aSocketIsRestartedOnOtherAddressesWhileTheServiceRuns() {
        String before = pid(SERVICE);
        reader.follow("Other addresses");

        assertEquals("hello", get(URL));
        assertTrue(systemd.property("mooring-http.socket", "Listen").startsWith("0.0.0.0:8080 (Stream)"));
        assertNotEquals(before, pid(SERVICE));
    }

    @Test
    @Order(6)
    void anInstanceServesAnotherTree() {
        reader.follow("Several instances");
        systemd.write("/srv/site/hello.txt", "site");

        assertEquals("site", get("http://127.0.0.1:8081/hello.txt"));
        assertEquals("hello", get(URL));
        assertNotEquals(pid(SERVICE), pid(INSTANCE));
        String log = systemd.run("journalctl", "--boot", "--output=cat", "--unit=" + SERVICE);
        assertFalse(log.contains("MalformedURLException"), log);
    }

    @Test
    @Order(7)
    void unitsAreValidAndConfined() {
        List<String> units = systemd.shell("cd /usr/lib/systemd/system; ls mooring* | sed 's/@/@site/'")
                .lines()
                .toList();
        assertEquals(11, units.size(), units::toString);
        assertEquals("", systemd.shell("systemd-analyze verify " + String.join(" ", units)));
        for (String each : units) {
            if (each.endsWith(".service")) {
                systemd.run("systemd-analyze", "security", "--no-pager", "--threshold=5", each);
            }
        }
    }

    @Test
    @Order(8)
    void anUpgradeLosesNoClientAndNoEdit() {
        systemd.shell("""
                cd /root
                rm mooring/runtime-config/target/*
                cp new.deb mooring/runtime-config/target/mooring_new_all.deb
                head -c 24000000 /dev/urandom > /srv/mooring/large""");
        String archive = archive();
        String before = pid(SERVICE);
        get("http://127.0.0.1:8081/hello.txt");
        String instance = pid(INSTANCE);
        Process load = startLoad();
        // Reads slowly, and the rest when the service stops, which waits for this transfer.
        Process download = systemd.startFor(PATIENCE, "bash", "-euo", "pipefail", "-c", """
                began=$(date +@%s)
                curl -sS --fail --max-time 250 http://127.0.0.1:8080/large | {
                    head -c 1000000
                    touch /root/begun
                    until grep --quiet '^Stopping' < <(journalctl --since=$began --output=cat --unit=mooring.service); do
                        head -c 100000
                        sleep 1
                    done
                    cat
                } | cmp - /srv/mooring/large""");
        systemd.await(
                "the download",
                PATIENCE,
                () -> systemd.exec("test", "-e", "/root/begun").status() == 0);

        Process upgrade = reader.start(reader.commands("Upgrade").get(0));

        Result done = systemd.result(upgrade);
        assertEquals(0, done.status(), done::text);
        assertEquals(0, systemd.result(download).status(), "the download was cut");
        endLoad(load);
        assertNotEquals(OLD_VERSION, systemd.run("dpkg-query", "--show", "--showformat=${Version}", "mooring"));
        assertNotEquals(before, pid(SERVICE));
        assertNotEquals(instance, pid(INSTANCE));
        assertNotEquals(archive, archive());
        assertTrue(commandLine(SERVICE).contains("/usr/share/mooring/archive/felix-"), "the archive is not used");
        assertEquals(
                "read.only = false", systemd.run("grep", "read.only", "/etc/mooring/dev.mooring.share-default.cfg"));
        assertFalse(
                systemd.run("cat", "/etc/mooring/dev.mooring.http-public.cfg").contains("# An old line"));
    }

    @Test
    @Order(9)
    void removalKeepsTheConfigurationAndPurgeKeepsTheFiles() {
        List<String> commands = reader.commands("Remove");
        reader.type(commands.get(0));
        assertEquals("", systemd.run("systemctl", "list-units", "--plain", "--no-legend", "mooring*"));
        assertEquals(7, curl(URL).status(), "the socket is still there");
        systemd.shell("""
                test -e /etc/mooring/passwords
                test -e /etc/mooring/dev.mooring.share-default.cfg
                test -e /var/lib/mooring/ssh_host_ed25519_key
                test ! -e /usr/share/mooring""");

        systemd.shell("apt-get install /root/new.deb");
        assertEquals("hello", get(URL));
        assertEquals("site", get("http://127.0.0.1:8081/hello.txt"));

        reader.type(commands.get(1));
        List<String> left = systemd.shell(FILES + " | comm -13 /root/before -")
                .lines()
                .filter(each -> !each.matches(
                        "/etc/mooring/site.*|/etc/systemd/system/(mooring.*\\.d(/.*)?|sockets.target.wants)"))
                .toList();
        assertEquals(
                List.of(
                        "/etc/mooring",
                        "/srv/mooring",
                        "/srv/mooring/by-ftp",
                        "/srv/mooring/by-sftp",
                        "/srv/mooring/hello.txt",
                        "/srv/mooring/large",
                        "/srv/site",
                        "/srv/site/hello.txt"),
                left);
        systemd.run("getent", "passwd", "mooring");
    }

    @Test
    @Order(10)
    void lintianFindsNothing() throws IOException, InterruptedException {
        assumeTrue(lintian != null, "lintian is not installed");
        String found = new String(lintian.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, lintian.waitFor(), found);
    }

    /** Starts a client that connects again and again. */
    private static Process startLoad() {
        systemd.shell("rm -f /root/enough /root/served /root/lost");
        Process load = systemd.startFor(PATIENCE, "bash", "-c", """
                cd /root
                while [ ! -e enough ]; do
                    if out=$(curl -sS --fail --max-time 250 %s 2>&1); then echo >> served; else echo "$out" >> lost; fi
                done
                cat lost""".formatted(URL));
        systemd.await(
                "the load",
                PATIENCE,
                () -> systemd.exec("test", "-e", "/root/served").status() == 0);
        return load;
    }

    private static void endLoad(Process load) {
        get(URL);
        systemd.run("touch", "/root/enough");
        String lost = systemd.result(load).text();
        assertTrue(lost.contains("lost: No such file"), "lost clients: " + lost);
        System.out.printf("%s clients, none lost%n", systemd.shell("wc -l < /root/served"));
    }

    private static Result curl(String url) {
        return systemd.exec("curl", "-sS", "--fail", "--max-time", "50", url);
    }

    private static String get(String url) {
        Result result = curl(url);
        assertEquals(0, result.status(), result::text);
        return result.text();
    }

    private static void awaitActive(String unit) {
        // A client has started it; this waits until it is ready.
        systemd.run("systemctl", "start", unit);
    }

    private static String pid(String unit) {
        return systemd.property(unit, "MainPID");
    }

    private static String commandLine(String unit) {
        return systemd.run("cat", "/proc/" + pid(unit) + "/cmdline");
    }

    /** What tells the archive from another. */
    private static String archive() {
        return systemd.shell("stat --format='%n %i' /usr/share/mooring/archive/*");
    }

    private static void assertNoWarnings() {
        assertEquals(List.of(), systemd.journal("mooring", began, 4));
        assertEquals(List.of(), systemd.journal("mooring", began, 3));
    }
}
