package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.itests.Systemd.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped units on a real systemd, installed as in docs/how-to/systemd.md. */
class SystemdIT {

    private static final Set<Variant> ARCHIVED = new HashSet<>();
    private static final Path HOME = Path.of(System.getProperty("mooring.home", "../runtime-config/target/mooring"))
            .toAbsolutePath();
    private static final String SERVICE = "mooring.service";
    private static final String SOCKET = "mooring-http.socket";
    private static final String IPV4 = "http://127.0.0.1:8080/";
    private static final String IPV6 = "http://[::1]:8080/";

    /** How often the tests end the process. */
    private static final int ROUNDS = Form.choose(2, 20);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Systemd systemd;

    private Instant began;

    @RegisterExtension
    AfterTestExecutionCallback showJournal = context -> {
        if (context.getExecutionException().isPresent()) {
            System.err.println(systemd.run("journalctl", "--boot", "--unit=mooring*", "--no-pager", "--lines=60"));
        }
    };

    @BeforeAll
    static void bootAndInstall() throws IOException, InterruptedException {
        assertTrue(Files.isExecutable(HOME.resolve("bin/mooring")), HOME + " is missing; build it: mvn package");
        systemd = Systemd.boot();
        systemd.run("mkdir", "/opt/mooring");
        Process unpack = systemd.start("tar", "--extract", "--no-same-owner", "--directory=/opt/mooring");
        try (var in = unpack.getOutputStream()) {
            // Other tests make cache/ and archive/ meanwhile, and tar would report that the directory has changed.
            List<String> command = new ArrayList<>(List.of("tar", "--create", "--directory=" + HOME));
            try (Stream<Path> content = Files.list(HOME)) {
                content.map(each -> each.getFileName().toString())
                        .filter(name -> !List.of("cache", "archive").contains(name))
                        .forEach(command::add);
            }
            Process pack = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            pack.getInputStream().transferTo(in);
            assertEquals(0, pack.waitFor());
        }
        assertEquals(0, systemd.result(unpack).status());
    }

    @AfterAll
    static void shutDown() throws IOException {
        if (systemd != null) {
            systemd.close();
        }
    }

    /** Installs Mooring as in docs/how-to/systemd.md. */
    @BeforeEach
    void install() {
        systemd.shell("""
                systemctl --quiet stop 'mooring*.socket' mooring.service 2> /dev/null || true
                rm -rf /etc/systemd/system/mooring* /etc/systemd/system/*.wants/mooring* /etc/mooring /srv/mooring /srv/admin
                rm -rf /var/cache/private/mooring /var/lib/private/mooring /var/log/private/mooring
                install -d /etc/mooring /srv/mooring
                install --mode=644 /opt/mooring/conf/*.cfg /etc/mooring
                install --mode=644 /opt/mooring/systemd/* /etc/systemd/system
                """);
        systemd.write("/srv/mooring/hello.txt", "hello");
        runsOn(Variant.felix());
        systemd.shell("systemctl daemon-reload; systemctl reset-failed; systemctl --quiet enable --now " + SOCKET);
        began = Instant.now();
    }

    @Test
    void nothingRunsUntilAClientConnects() {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        systemd.write("/srv/mooring/bytes.bin", bytes);
        assertEquals("inactive", systemd.property(SERVICE, "ActiveState"));
        assertEquals("0", systemd.property(SERVICE, "MainPID"));

        assertArrayEquals(bytes, get(IPV4 + "bytes.bin").bytes());

        awaitState(SERVICE, "active");
        String pid = mainPid();
        assertEquals("java", systemd.run("cat", "/proc/" + pid + "/comm"), "bin/mooring did not exec java");
        List<String> environment =
                List.of(systemd.run("cat", "/proc/" + pid + "/environ").split("\0"));
        assertTrue(environment.contains("LISTEN_FDNAMES=http:http"), environment::toString);
        assertTrue(environment.contains("LISTEN_PID=" + pid), environment::toString);
    }

    @ParameterizedTest
    @MethodSource("dev.mooring.itests.Variant#each")
    void itServesWithoutANetworkAndCapabilities(Variant variant) {
        runsOn(variant);

        assertEquals("hello", get(IPV4 + "hello.txt").text());
        assertEquals("hello", get(IPV6 + "hello.txt").text());

        String process = "/proc/" + mainPid();
        for (String namespace : List.of("net", "mnt", "user", "ipc", "uts")) {
            assertNotEquals(
                    systemd.run("readlink", "/proc/1/ns/" + namespace),
                    systemd.run("readlink", process + "/ns/" + namespace),
                    "it is in the " + namespace + " namespace of the machine");
        }
        assertEquals("0000000000000000", systemd.run("sed", "-n", "s/^CapPrm:\\s*//p", process + "/status"));
        assertNotEquals("0", systemd.run("stat", "--format=%u", process));
        assertNotEquals(
                0,
                systemd.exec("touch", process + "/root/srv/mooring/new").status(),
                "it could write to the tree that it serves");
        assertEquals("AF_UNIX", systemd.property(SERVICE, "RestrictAddressFamilies"));
        systemd.run("systemd-analyze", "security", "--no-pager", "--threshold=3", SERVICE);
        assertEquals(List.of(), said(4));
        assertEquals(List.of(), said(3));
    }

    /** Guides for hardening mount /tmp with noexec, and jffi extracts its library there by default. */
    @ParameterizedTest
    @MethodSource("dev.mooring.itests.Variant#each")
    void noProgramNeedsToRunFromTheTemporaryDirectory(Variant variant) {
        runsOn(variant);
        systemd.run("mount", "-t", "tmpfs", "-o", "noexec,mode=1777", "tmpfs", "/tmp");
        try {
            assertEquals("hello", get(IPV4 + "hello.txt").text());
            awaitState(SERVICE, "active");
            systemd.run("systemctl", "stop", SERVICE);
        } finally {
            systemd.run("umount", "--lazy", "/tmp");
        }
        assertEquals(List.of(), said(4));
        assertEquals(List.of(), said(3));
    }

    @ParameterizedTest
    @MethodSource("dev.mooring.itests.Variant#each")
    void threeSocketsOfOneNameAndOneOfAnotherAreServedByOneProcess(Variant variant) {
        runsOn(variant);
        addAdmin();
        dropIn(SOCKET, "[Socket]\nListenStream=/run/mooring-http.sock\n");
        systemd.shell("systemctl restart mooring-http.socket; systemctl start mooring-admin.socket");

        assertEquals("hello", get(IPV4 + "hello.txt").text());
        assertEquals("hello", get(IPV6 + "hello.txt").text());
        assertEquals(
                "hello",
                get("http://localhost/hello.txt", "--unix-socket", "/run/mooring-http.sock")
                        .text());
        assertEquals("admin", get("http://127.0.0.1:9090/hello.txt").text());

        awaitLogged(6, "Sockets published: 4");
        assertEquals("0", systemd.property(SERVICE, "NRestarts"));
    }

    @ParameterizedTest
    @MethodSource("dev.mooring.itests.Variant#each")
    void sftpAndFtpAreServedWithoutANetworkToo(Variant variant) {
        for (String tool : List.of("ssh-keygen", "sftp", "curl")) {
            assumeTrue(systemd.exec("which", tool).status() == 0, tool + " is not installed");
        }
        runsOn(variant);
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        systemd.write("/root/bytes", bytes);
        systemd.write("/etc/mooring/passwords", "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
        systemd.write(
                "/etc/mooring/dev.mooring.accounts-default.cfg",
                "passwords = /etc/mooring/passwords\nauthorized.keys = /etc/mooring/keys/%u\n");
        systemd.write("/etc/mooring/dev.mooring.share-default.cfg", "root = /srv/mooring\nread.only = false\n");
        dropIn(SERVICE, "write", "[Service]\nReadWritePaths=/srv/mooring\n");
        systemd.shell("""
                rm -rf /root/.ssh /root/key*; ssh-keygen -q -t ed25519 -N '' -f /root/key
                install -D --mode=644 /root/key.pub /etc/mooring/keys/ada
                chmod 1777 /srv/mooring
                for protocol in sftp ftp; do
                  cp /opt/mooring/conf/dev.mooring.$protocol-public.cfg.sample /etc/mooring/dev.mooring.$protocol-public.cfg
                done
                chmod 644 /etc/mooring/*.cfg
                systemctl --quiet enable --now mooring-sftp.socket mooring-ftp.socket
                """);

        systemd.shell(
                "printf 'put /root/bytes by-key\nget by-key /root/by-key\n' | sftp -F /dev/null -P 2022 -i /root/key"
                        + " -o StrictHostKeyChecking=accept-new -b - ada@127.0.0.1");
        systemd.shell("cmp /root/bytes /root/by-key; cmp /root/bytes /srv/mooring/by-key");
        systemd.shell("curl -sS -k --max-time 50 -u ada:secret -T /root/bytes 'sftp://[::1]:2022/by-password'");
        systemd.shell("curl -sS -k --max-time 50 -u ada:secret sftp://127.0.0.1:2022/by-password | cmp - /root/bytes");
        for (String address : List.of("127.0.0.1", "[::1]")) {
            String url = "ftp://ada:secret@" + address + ":2121/by-ftp";
            String said = systemd.shell("curl -g -sS -v --max-time 50 -T /root/bytes '" + url + "' 2>&1");
            assertTrue(said.matches("(?s).*Connecting to \\S+ \\(\\S+\\) port 610(0\\d|1[0-5]).*"), said);
            systemd.shell("curl -g -sS --max-time 50 '" + url + "' | cmp - /root/bytes");
        }
        assertArrayEquals(bytes, get(IPV4 + "by-ftp").bytes());
        assertEquals("AF_UNIX", systemd.property(SERVICE, "RestrictAddressFamilies"));
        assertEquals("600", systemd.run("stat", "--format=%a", "/var/lib/private/mooring/ssh_host_ed25519_key"));
        List<String> warnings = said(4);
        // Keys of types that no client has asked for may still be made.
        assertFalse(warnings.isEmpty());
        assertTrue(warnings.stream().allMatch(line -> line.contains("made the host key")), warnings::toString);
        assertEquals(List.of(), said(3));
    }

    /** Starts from nothing, with the commands of docs/how-to/systemd.md as they are printed. The service runs when sockets are added. */
    @Test
    @Timeout(600)
    void thePageLeadsFromTheTarballToThreeProtocolsAndTwoInstances() throws IOException {
        for (String tool : List.of("openssl", "useradd", "curl", "sftp", "ssh-keygen")) {
            assumeTrue(systemd.exec("which", tool).status() == 0, tool + " is not installed");
        }
        systemd.shell("""
                systemctl --quiet disable --now mooring-http.socket
                rm -rf /etc/mooring /srv/mooring /etc/systemd/system/mooring* /opt/mooring.tested
                mv /opt/mooring /opt/mooring.tested; systemctl daemon-reload""");
        try {
            PageReader reader = new PageReader(systemd, "systemd.md");
            systemd.write(
                    PageReader.PROJECT + "/runtime-config/target/mooring.tar.gz",
                    Files.readAllBytes(HOME.resolveSibling("mooring.tar.gz")));
            reader.follow("HTTP");
            systemd.write("/srv/mooring/hello.txt", "hello");
            assertEquals("hello", get(IPV4 + "hello.txt").text());

            reader.follow("SFTP and FTP");
            assertTrue(systemd.property("mooring-ftp.socket", "After").contains("mooring-ftp-data.socket"));
            systemd.shell("""
                    systemctl --quiet is-active mooring-ftp-data.socket ||
                      { journalctl --no-pager --lines 20 --unit mooring-ftp-data.socket >&2; exit 1; }""");
            systemd.shell("echo 'get hello.txt /root/by-key' | sftp -P 2022 -b - bob@127.0.0.1");
            systemd.shell("curl -sS --max-time 50 -u ada:secret ftp://127.0.0.1:2121/hello.txt | cmp - /root/by-key");
            assertEquals("hello", get(IPV4 + "hello.txt").text());
            assertEquals("mooring", systemd.run("ps", "-o", "user=", "-p", mainPid()));

            reader.follow("Several instances");
            assertNotEquals(mainPid(), systemd.property("mooring@site.service", "MainPID"));
        } finally {
            systemd.shell("""
                    systemctl --quiet stop 'mooring*.socket' mooring.service 'mooring@*.service'
                    userdel mooring 2> /dev/null; rm -rf /opt/mooring; mv /opt/mooring.tested /opt/mooring""");
        }
    }

    /** While an outgoing connection of any process has a port, a socket unit with this port does not start. These are Linux's defaults. */
    @Test
    void noShippedPortIsOneOfOutgoingConnections() throws IOException {
        try (Stream<Path> units = Files.list(HOME.resolve("systemd"))) {
            for (Path unit : units.toList()) {
                Pattern.compile("(?m)^ListenStream=.*:(\\d+)$")
                        .matcher(Files.readString(unit))
                        .results()
                        .mapToInt(found -> Integer.parseInt(found.group(1)))
                        .forEach(port -> assertTrue(port < 32_768 || port > 60_999, unit + ": " + port));
            }
        }
    }

    @Test
    void logLinesReachTheJournalWithTheirPriorities() {
        systemd.write("/etc/mooring/dev.mooring.http-nobody.cfg", "sockets.target = (socket.name=nobody)\n");
        systemd.write("/etc/mooring/dev.mooring.share-secret.cfg", "root = /srv\n");
        systemd.run("chmod", "600", "/etc/mooring/dev.mooring.share-secret.cfg");

        get(IPV4 + "hello.txt");

        awaitLogged(4, "(socket.name=nobody)");
        awaitLogged(4, "share-secret.cfg cannot be read");
        awaitLogged(6, "Sockets published: 2");
        for (int priority = 0; priority < 8; priority++) {
            assertTrue(said(priority).stream().noneMatch(line -> line.startsWith("<")));
        }
    }

    @Test
    void stopIsCleanAndTheNextConnectionStartsTheServiceAgain() {
        get(IPV4 + "hello.txt");
        String first = mainPid();

        systemd.run("systemctl", "stop", SERVICE);

        assertEquals("inactive", systemd.property(SERVICE, "ActiveState"));
        assertEquals("success", systemd.property(SERVICE, "Result"));
        assertEquals("listening", systemd.property(SOCKET, "SubState"));
        assertEquals("hello", get(IPV4 + "hello.txt").text());
        assertNotEquals(first, mainPid());
    }

    @Test
    void aFailedStartIsRepeatedWhileTheClientWaits() {
        dropIn(SERVICE, "[Service]\nEnvironment=JAVA_HOME=/nowhere\n");
        Process client = systemd.start("curl", "--silent", "--show-error", "--max-time", "50", IPV4 + "hello.txt");

        systemd.await("the next try", PATIENCE, () -> systemd.property(SERVICE, "SubState")
                .equals("auto-restart"));
        awaitLogged(3, "no java found in JAVA_HOME=/nowhere");
        assertEquals("active", systemd.property(SOCKET, "ActiveState"));

        runsOn(Variant.felix());
        assertEquals("hello", systemd.result(client).text());
        assertEquals("1", systemd.property(SERVICE, "NRestarts"));
    }

    @Test
    void aMissingRootIsReportedAndServedOnceItExists() {
        addAdmin();
        systemd.shell("systemctl start mooring-admin.socket; mv /srv/mooring /srv/elsewhere");
        systemd.write("/etc/mooring/dev.mooring.share-home.cfg", "root = /home/none\n");

        assertEquals("503", status(IPV4 + "hello.txt"));
        assertEquals("admin", get("http://127.0.0.1:9090/hello.txt").text());
        awaitLogged(4, "root '/srv/mooring' does not exist");
        awaitLogged(3, "or show it to the service with ProtectHome=read-only in a drop-in");

        systemd.run("mv", "/srv/elsewhere", "/srv/mooring");
        systemd.await("the root being served", PATIENCE, () -> status(IPV4 + "hello.txt")
                .equals("200"));
        assertEquals("0", systemd.property(SERVICE, "NRestarts"));
    }

    @Test
    void systemdKnowsReadinessStatusAndReloading() {
        dropIn(SERVICE, "limits", "[Service]\nWatchdogSec=6s\n");
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        assertEquals("http~public 0 connected", systemd.property(SERVICE, "StatusText"));
        String pid = mainPid();

        Process reload = systemd.start(
                "sh",
                "-c",
                "until [ \"$(systemctl show --property=ActiveState --value $1)\" = reloading ]; do :; done",
                "reload",
                SERVICE);
        systemd.write("/etc/mooring/dev.mooring.http-public.cfg", "sockets.target = (socket.name=http)\nindex =\n");
        assertEquals(0, systemd.result(reload).status(), "the service never reported reloading");
        awaitState(SERVICE, "active");
        assertEquals("hello", get(IPV4 + "hello.txt").text());

        for (int i = 0; i < 2; i++) {
            String told = systemd.property(SERVICE, "WatchdogTimestampMonotonic");
            systemd.await("a watchdog ping", PATIENCE, () -> !systemd.property(SERVICE, "WatchdogTimestampMonotonic")
                    .equals(told));
        }
        assertEquals(pid, mainPid());
        assertEquals("0", systemd.property(SERVICE, "NRestarts"));
        assertEquals(List.of(), said(4));
        assertEquals(List.of(), said(3));
    }

    @Test
    void aDownloadFinishesWhenTheServiceIsStopped() {
        byte[] bytes = new byte[24 << 20];
        new Random(1).nextBytes(bytes);
        systemd.write("/srv/mooring/large", bytes);
        dropIn(SERVICE, "limits", "[Service]\nTimeoutStopSec=2s\n"); // the service asks for more
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        Process download = systemd.start("sh", "-c", """
                curl --silent --show-error --fail --limit-rate 4M --output /tmp/large %slarge; echo "curl $?"
                cmp /tmp/large /srv/mooring/large && echo same""".formatted(IPV4));
        systemd.await("the download", PATIENCE, () -> systemd.property(SERVICE, "StatusText")
                .startsWith("http~public 1 "));

        systemd.run("systemctl", "stop", SERVICE);

        assertEquals("curl 0\nsame", systemd.result(download).text());
        assertEquals("success", systemd.property(SERVICE, "Result"));
        assertEquals("0", systemd.property(SERVICE, "ExecMainStatus"));
        assertEquals("listening", systemd.property(SOCKET, "SubState"));
    }

    @ParameterizedTest
    @MethodSource("dev.mooring.itests.Variant#each")
    void aRestartWithASuccessorServesEachClient(Variant variant) throws IOException {
        byte[] bytes = new byte[20_000];
        new Random(1).nextBytes(bytes);
        systemd.write("/srv/mooring/bytes.bin", bytes);
        runsOn(variant);
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        String before = mainPid();
        try (RemoteLoad load = new RemoteLoad(
                systemd, Jars.testClasses().toString(), "127.0.0.1", 8080, "/bytes.bin", "/srv/mooring/bytes.bin")) {
            load.awaitRequests(10);

            assertEquals("", systemd.shell("/opt/mooring/bin/mooring-restart"));

            load.awaitRequests(10);
            System.out.println("a restart with a successor, " + variant + ": " + load.end());
        }
        assertNotEquals(before, mainPid());
        assertEquals(
                "",
                systemd.shell(
                        "ls -d /run/systemd/system/mooring* /run/*/mooring-successor* /var/cache/*/mooring-successor* 2> /dev/null || true"));
        assertEquals("not-found", systemd.property("mooring-successor.service", "LoadState"));
        assertEquals(List.of(), said(4));

        // A version that does not start costs nothing.
        String after = mainPid();
        dropIn(SERVICE, "broken", "[Service]\nExecStart=\nExecStart=/bin/false\n");
        Result refused = systemd.exec("/opt/mooring/bin/mooring-restart");
        assertEquals(1, refused.status());
        assertTrue(refused.text().contains("so mooring.service goes on as before"), refused::text);
        assertEquals(after, mainPid());
        assertEquals("hello", get(IPV4 + "hello.txt").text());
    }

    @Test
    void aRestartRemovesWhatAKilledOneHasLeft() {
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        systemd.shell("""
                /opt/mooring/bin/mooring-restart & restart=$!
                until [ -e /run/systemd/system/mooring.service.d/mooring-restart.conf ]; do sleep 0.01; done
                kill -9 $restart
                wait $restart || true""");

        systemd.shell("/opt/mooring/bin/mooring-restart nothing.service");

        assertEquals("", systemd.shell("ls -d /run/systemd/system/mooring* 2> /dev/null || true"));
        assertEquals("not-found", systemd.property("mooring-successor.service", "LoadState"));
        assertEquals("hello", get(IPV4 + "hello.txt").text());
    }

    @Test
    void theSampleWritesTheAccessLogToAFileAlsoDuringARestart() {
        systemd.shell("""
                sed 's/^# \\(\\S* = \\)/\\1/' /opt/mooring/conf/logging.properties > /etc/mooring/logging.properties
                echo 'access.log = true' >> /etc/mooring/dev.mooring.http-public.cfg""");
        get(IPV4 + "hello.txt");
        awaitAccess("cat /var/log/mooring/access.log");
        Process load = systemd.start("sh", "-c", """
                rm -f /tmp/enough
                while [ ! -e /tmp/enough ]; do curl -s --max-time 50 http://127.0.0.1:8080/during || exit 1; sleep 0.05; done""");

        systemd.shell("/opt/mooring/bin/mooring-restart; touch /tmp/enough");

        assertEquals(0, systemd.result(load).status());
        awaitAccess("grep -q /during /var/log/mooring/access.log.1; cat /var/log/mooring/access.log.1");
        assertEquals("750", systemd.run("stat", "--format=%a", "/var/log/private/mooring"));
        assertTrue(said(6).stream().noneMatch(line -> line.contains("\"GET ")));
        assertEquals(List.of(), said(4));
        assertEquals(List.of(), said(3));
    }

    private static void awaitAccess(String command) {
        systemd.await("the access log", PATIENCE, () -> systemd.exec("sh", "-ec", command)
                .text()
                .contains("] \"GET /"));
    }

    @Test
    void theShippedSocketsStartWhereIpv6IsOff() {
        systemd.shell("""
                systemctl --quiet stop mooring-http.socket
                for each in all lo; do echo 1 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done""");
        try {
            systemd.shell(
                    "systemctl start mooring-http.socket mooring-sftp.socket mooring-ftp.socket mooring-ftp-data.socket");
            assertEquals("hello", get(IPV4 + "hello.txt").text());
        } finally {
            systemd.shell("for each in all lo; do echo 0 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done");
        }
    }

    /** The rehearsal has a low priority, and the user of the service could not raise it again. */
    @Test
    void aReplacedBundleServesWithTheSamePriority() throws IOException {
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        systemd.write("/tmp/new.jar", Files.readAllBytes(Jars.of("dev.mooring.http")));

        systemd.run("install", "-m", "644", "/tmp/new.jar", "/opt/mooring/bundles/dev.mooring.http.jar");

        systemd.await("the swap", PATIENCE, () -> systemd.journal("mooring", began, 6).stream()
                .anyMatch(line -> line.contains("is replaced by")));
        get(IPV4 + "hello.txt");
        String threads = systemd.shell("ps -L -o ni=,comm= -p %s | grep http~".formatted(mainPid()));
        systemd.run("rm", "/opt/mooring/bundles/dev.mooring.http.jar");
        assertTrue(threads.lines().count() > 1, threads);
        threads.lines().forEach(each -> assertTrue(each.strip().startsWith("0 "), threads));
    }

    @Test
    void aHungProcessIsEndedByTheWatchdogAndStartedAgain() {
        dropIn(SERVICE, "limits", """
                [Service]
                WatchdogSec=2s
                TimeoutAbortSec=1s
                RestartSec=100ms
                LimitCORE=0
                """);
        get(IPV4 + "hello.txt");
        awaitState(SERVICE, "active");
        String stopped = mainPid();

        systemd.run("kill", "-STOP", stopped);
        assertEquals(
                "hello", get(IPV4 + "hello.txt").text(), "the next process serves a client that connects meanwhile");

        assertNotEquals(stopped, mainPid());
        assertTrue(systemd.run("journalctl", "--unit=" + SERVICE, "--output=cat", "--no-pager")
                .contains("Watchdog timeout"));
    }

    /** Clients connect one after the other, at random times around the end of an idle process. */
    @Test
    @Timeout(900)
    void noClientIsRefusedWhileTheProcessExitsAndRestarts() {
        systemd.write("/etc/mooring/dev.mooring.systemd.cfg", "idle.exit = 1\n");
        get(IPV4 + "hello.txt");
        String visits = visits(ROUNDS, """
                id=$(invocation)
                while [ "$(invocation)" = "$id" ]; do
                    sleep $(awk -v r=$RANDOM 'BEGIN { print 0.8 + r / 32768 * 1.7 }')
                    for i in 1 2 3 4 5 6; do visit & sleep 0.05; done
                    wait
                done""");
        long ends = systemd.journal("mooring", began, 6).stream()
                .filter(line -> line.contains("exiting until the next connection"))
                .count();
        assertTrue(ends >= ROUNDS, ends + " ends");
        assertEquals("0", systemd.property(SERVICE, "NRestarts"));
        System.out.printf("idle exit under systemd: %d ends; %s%n", ends, visits);
    }

    /**
     * Kills the process under load. Some clients are in the queue at that moment, because they connect while the process is
     * stopped: none of them may be lost. Accepted connections may be cut, but an upload is seen whole or not
     * at all.
     */
    @Test
    @Timeout(900)
    void aKilledProcessLosesNoQueuedClientAndNoFile() {
        dropIn(SERVICE, "limits", "[Service]\nRestartSec=100ms\nReadWritePaths=/srv/mooring\n");
        systemd.write("/etc/mooring/dev.mooring.share-default.cfg", "root = /srv/mooring\nread.only = false\n");
        systemd.write("/etc/mooring/dev.mooring.accounts-default.cfg", "passwords = /etc/mooring/passwords\n");
        systemd.write("/etc/mooring/dev.mooring.ftp-public.cfg", "sockets.target = (socket.name=ftp)\n");
        systemd.write("/etc/mooring/dev.mooring.sftp-public.cfg", "sockets.target = (socket.name=sftp)\n");
        systemd.shell("""
                perl -e 'print "ada:", crypt("sesame", q($6$saltsalt$)), "\\n"' > /etc/mooring/passwords
                chmod 777 /srv/mooring
                for side in a b; do head -c 8000000 /dev/zero | tr '\\0' $side > /tmp/$side; done
                cp /tmp/a /srv/mooring/upload; chmod 666 /srv/mooring/upload
                systemctl start mooring-ftp.socket mooring-ftp-data.socket mooring-sftp.socket""");
        get(IPV4 + "hello.txt");
        String keys = hostKeys();
        String visits = visits(ROUNDS, """
                (while [ ! -e /tmp/enough ]; do curl -s -o /dev/null --max-time 60 %1$shello.txt; c=$?
                    [ $c != 7 ] || echo "refused" >> /tmp/lost; done) &
                load=$!
                (while [ ! -e /tmp/enough ]; do for side in a b; do
                    if curl -s --max-time 60 -u ada:sesame -T /tmp/$side ftp://127.0.0.1:2121/upload
                    then echo $side >> /tmp/uploads; fi; done; done) &
                uploads=$!
                until [ $(cat /tmp/uploads 2> /dev/null | wc -l) -ge $((round * 2)) ]; do sleep 0.1; done
                sleep $(awk -v r=$RANDOM 'BEGIN { print r / 32768 * 1.5 }')
                pid=$(systemctl show --property=MainPID --value mooring.service)
                kill -STOP $pid
                until ! grep -q '^State:.[^T]' /proc/$pid/task/*/status; do :; done
                clients=
                for i in $(seq 20); do visit & clients="$clients $!"; done
                until [ $(ss -Htn state established dport = :8080 | wc -l) -ge 20 ]; do :; done
                kill -KILL $pid
                wait $clients
                touch /tmp/enough
                curl -s --max-time 60 -o /tmp/seen %1$supload
                cmp -s /tmp/seen /tmp/a || cmp -s /tmp/seen /tmp/b || { echo torn; ls -l /tmp/seen; } >> /tmp/lost
                wait $load $uploads; rm /tmp/enough""".formatted(IPV4));
        awaitState(SERVICE, "active");
        assertEquals(Integer.toString(ROUNDS), systemd.property(SERVICE, "NRestarts"));
        assertEquals(keys, hostKeys());
        System.out.printf(
                "SIGKILL: %d times; %s, none lost; %s uploads, none seen in part%n",
                ROUNDS, visits, systemd.shell("cat /tmp/uploads | wc -l"));
    }

    /** Not RSA, whose key takes long to make. */
    private static String hostKeys() {
        return systemd.shell("ssh-keyscan -T 20 -t ed25519,ecdsa -p 2022 127.0.0.1 2> /dev/null | sort");
    }

    /** Repeats a script in which {@code visit} is a client that requests the file. Every visit must succeed. */
    private static String visits(int rounds, String script) {
        systemd.write("/tmp/visits", """
                visit() {
                    out=$(curl --silent --show-error --fail --no-keepalive --max-time 60 \
                        --write-out ' %%{time_total}' %shello.txt 2>&1) || { echo "$? $out" >> /tmp/lost; return; }
                    case $out in "hello "*) echo ${out#hello } >> /tmp/times ;; *) echo "$out" >> /tmp/lost ;; esac
                }
                invocation() { systemctl show --property=InvocationID --value mooring.service; }
                rm -f /tmp/lost /tmp/times /tmp/uploads
                for round in $(seq %d); do
                %s
                done
                [ ! -e /tmp/lost ] || { cat /tmp/lost; exit 1; }
                sort -n /tmp/times | awk '{ t = $1 } END { printf "%%d clients, the longest waited %%d ms\\n", NR, t * 1000 }'
                """.formatted(IPV4, rounds, script));
        Result result = systemd.result(systemd.startFor(Duration.ofMinutes(10), "bash", "/tmp/visits"));
        assertEquals(0, result.status(), result::text);
        return result.text();
    }

    private static void runsOn(Variant variant) {
        Path jdk = Path.of(variant.javaHome());
        String java = jdk.resolve("bin/java").toString();
        assumeTrue(systemd.exec("test", "-x", java).status() == 0, java + " is not on the root file system");
        boolean hidden = Stream.of("/home", "/root", "/tmp").anyMatch(jdk::startsWith);
        dropIn(
                SERVICE,
                "[Service]\nEnvironment=MOORING_RUNTIME=" + variant.runtime()
                        + (hidden
                                ? "\nBindReadOnlyPaths=%s:/opt/jdk\nEnvironment=JAVA_HOME=/opt/jdk\n".formatted(jdk)
                                : "\nEnvironment=JAVA_HOME=%s\n".formatted(jdk)));
        if (!hidden && ARCHIVED.add(variant)) {
            systemd.shell("MOORING_RUNTIME=%s JAVA_HOME=%s /opt/mooring/bin/mooring --archive"
                    .formatted(variant.runtime(), jdk));
        }
    }

    /** Adds a socket of another name, with an HTTP server and a share of its own. */
    private static void addAdmin() {
        systemd.write("/srv/admin/hello.txt", "admin");
        systemd.write("/etc/mooring/dev.mooring.share-admin.cfg", "root = /srv/admin\n");
        systemd.write(
                "/etc/mooring/dev.mooring.http-admin.cfg",
                "sockets.target = (socket.name=admin)\nshare.target = (share.name=admin)\n");
        systemd.write("/etc/systemd/system/mooring-admin.socket", """
                [Socket]
                ListenStream=127.0.0.1:9090
                FileDescriptorName=admin
                Service=mooring.service
                """);
        systemd.run("systemctl", "daemon-reload");
    }

    private static void dropIn(String unit, String content) {
        dropIn(unit, "test", content);
    }

    private static void dropIn(String unit, String name, String content) {
        systemd.write("/etc/systemd/system/" + unit + ".d/" + name + ".conf", content);
        systemd.run("systemctl", "daemon-reload");
    }

    private static Result get(String url, String... options) {
        String[] curl = Stream.concat(
                        Stream.of("curl", "--silent", "--show-error", "--fail", "--max-time", "50", url),
                        Stream.of(options))
                .toArray(String[]::new);
        Result result = systemd.exec(curl);
        assertEquals(0, result.status(), result::text);
        return result;
    }

    private static String status(String url) {
        return systemd.run(
                "curl", "--silent", "--max-time", "50", "--output", "/dev/null", "--write-out", "%{http_code}", url);
    }

    private static void awaitState(String unit, String state) {
        systemd.await(unit + " being " + state, PATIENCE, () -> systemd.property(unit, "ActiveState")
                .equals(state));
    }

    private static String mainPid() {
        return systemd.property(SERVICE, "MainPID");
    }

    private void awaitLogged(int priority, String part) {
        systemd.await("a line of priority " + priority + " with '" + part + "'", PATIENCE, () -> said(priority).stream()
                .anyMatch(line -> line.contains(part)));
    }

    private List<String> said(int priority) {
        return systemd.journal("mooring", began, priority);
    }
}
