package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three machines with one tree behind a proxy, with the files and commands of {@code docs/how-to/several-machines.md}. */
@PageTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeveralMachinesIT {

    private static final String PAGE = "several-machines.md";
    private static final String FILE = "/how-to/systemd.md";

    /** A directory of the root file system. All machines have it; each has another device number for it, as on NFS. */
    private static final Path TREE = HowTo.ROOT.resolve("docs");

    /** A pattern: the address of one of the clients. */
    private static final String CLIENT = "198[.]51[.]100[.][0-9]+";

    /** Answered requests between two events under load. */
    private static final int REQUESTS = 200;

    private static final Map<String, Machine> MACHINES = new TreeMap<>();
    private static Machine proxy;

    @RegisterExtension
    AfterTestExecutionCallback showLogs = context -> {
        if (context.getExecutionException().isPresent()) {
            MACHINES.forEach(
                    (name, machine) -> System.err.println(name + ":\n" + machine.run("journalctl", "--lines=40")));
            System.err.println(proxy.run("journalctl", "--lines=40"));
        }
    };

    @BeforeAll
    static void boot() throws Exception {
        proxy = new Machine();
        proxy.systemd().shell("""
                ip address add 192.0.2.1/32 dev lo
                ip link add name lan type bridge
                ip address add 10.0.0.10/24 dev lan
                ip link set lan up
                """);
        assumeTrue(
                proxy.systemd().exec("test", "-e", TREE + FILE).status() == 0,
                TREE + " is not on the root file system");
        proxy.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/key");
        String key = proxy.run("cat", "/root/key") + "\n";
        for (int i = 0; i < 3; i++) {
            String name = List.of("a", "b", "c").get(i);
            Machine machine = new Machine();
            MACHINES.put(name, machine);
            proxy.systemd().link(machine.systemd(), "to-" + name);
            proxy.run("ip", "link", "set", "to-" + name, "master", "lan", "up");
            machine.install();
            machine.systemd().write("/etc/mooring/ssh_host_ed25519_key", key);
            machine.systemd().shell("""
                    ip address add %s/24 dev eth0
                    ip link set eth0 up
                    mount --bind %s /srv/mooring
                    chown mooring /etc/mooring/ssh_host_ed25519_key
                    chmod 600 /etc/mooring/ssh_host_ed25519_key
                    sed -i /access.log/d /etc/mooring/dev.mooring.http-public.cfg
                    """.formatted(address(name), TREE));
            machine.follow(
                    PAGE,
                    "Each machine",
                    "address=10.0.0.11 first=61000",
                    "address=" + address(name) + " first=61" + i + "00");
        }
        proxy.startDebian("haproxy");
        proxy.follow(PAGE, "HAProxy");
        // The first check starts all three at once. On a busy machine it times out, and the proxy tries again.
        for (String name : MACHINES.keySet()) {
            for (String backend : List.of("http", "sftp", "ftp")) {
                awaitState(backend, name, "UP,*,L7OK");
            }
        }
    }

    @AfterAll
    static void shutDown() throws IOException {
        for (Machine each : MACHINES.values()) {
            each.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }

    private static String address(String machine) {
        return "10.0.0.1" + ("abc".indexOf(machine) + 1);
    }

    @Test
    @Order(1)
    void machinesAreAlikeForClients() throws IOException {
        Instant start = Instant.now();
        Set<String> tags = new HashSet<>();
        Set<String> devices = new HashSet<>();
        MACHINES.forEach((name, machine) -> {
            devices.add(machine.run("stat", "--format=%d", "/srv/mooring" + FILE));
            tags.add(proxy.run(
                    "curl",
                    "-sSf",
                    "--haproxy-protocol",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%header{etag}",
                    "http://" + address(name) + ":8080" + FILE));
        });
        assertEquals(3, devices.size(), "the machines have one device number: " + devices);
        assertEquals(1, tags.size(), tags::toString);

        String[] hostKey = proxy.run("cat", "/root/key.pub").split(" ");
        proxy.systemd().write("/root/.ssh/known_hosts", "[192.0.2.1]:2022 " + hostKey[0] + " " + hostKey[1] + "\n");
        proxy.systemd().write("/root/content", Files.readAllBytes(TREE.resolve(FILE.substring(1))));
        proxy.bash("""
                fetch() { curl -gsS --max-time 50 --interface $client -u ada:secret "$@" | cmp - /root/content; }
                for i in $(seq 12); do
                    client=198.51.100.$i
                    ip address add $client/32 dev lo
                    fetch sftp://192.0.2.1:2022%1$s
                    fetch ftp://192.0.2.1%1$s
                    fetch --disable-epsv --no-ftp-skip-pasv-ip ftp://192.0.2.1%1$s
                done
                """.formatted(FILE));
        MACHINES.forEach((name, machine) -> {
            machine.awaitLog(start, CLIENT + " - ada .* SFTP\" 0 ", CLIENT + " - ada .* FTP\" 226 ");
            List<String> ofProxy = machine.log(start)
                    .lines()
                    .filter(line -> line.contains("10.0.0.10"))
                    .toList();
            assertEquals(List.of(), ofProxy, "a health check is an error on " + name);
        });
    }

    @Test
    @Order(2)
    void noRequestFailsWhileMachinesRestartSwapABundleAndStop() throws Exception {
        proxy.copy(Jars.testClasses(), "/root/load");
        proxy.systemd().write("/root/content", Files.readAllBytes(TREE.resolve(FILE.substring(1))));
        byte[] jar = Files.readAllBytes(Jars.of("dev.mooring.http"));
        try (RemoteLoad load = new RemoteLoad(proxy.systemd(), "/root/load", "192.0.2.1", 80, FILE, "/root/content")) {
            load.awaitRequests(REQUESTS);
            List<String> commands = Machine.commands(PAGE, "Restart, replace a bundle, upgrade");
            MACHINES.get("a").bash(commands.get(0));
            load.awaitRequests(REQUESTS);
            MACHINES.get("b").bash(commands.get(0));
            load.awaitRequests(REQUESTS);
            proxy.bash(commands.get(1).replace("http/a", "http/c"));
            MACHINES.get("c").bash(commands.get(0));
            proxy.bash(commands.get(2).replace("http/a", "http/c"));
            load.awaitRequests(REQUESTS);
            for (Machine machine : MACHINES.values()) {
                Instant replaced = Instant.now();
                machine.systemd().write("/root/new.jar", jar);
                machine.run("install", "-m", "644", "/root/new.jar", machine.home() + "/bundles/dev.mooring.http.jar");
                machine.awaitLog(replaced, "dev.mooring.http .* is replaced by");
                load.awaitRequests(REQUESTS);
            }
            Machine stopped = MACHINES.get("c");
            stopped.bash(commands.get(3));
            stopped.bash(commands.get(4));
            load.awaitRequests(REQUESTS);
            awaitState("http", "c", "DOWN");
            stopped.run("systemctl", "start", "mooring-http.socket", "mooring-sftp.socket", "mooring-ftp.socket");
            awaitState("http", "c", "UP");
            load.awaitRequests(REQUESTS);
            System.out.println("three machines behind HAProxy: " + load.end());
        }
    }

    @Test
    @Order(3)
    void nginxUsesTheMachinesThatAnswer() throws IOException {
        proxy.run("systemctl", "stop", "haproxy");
        for (Machine machine : MACHINES.values()) {
            machine.bash("""
                    sed -i -e /proxy.protocol/d -e 's/^proxy.trusted/forwarded.trusted/' /etc/mooring/dev.mooring.http-public.cfg
                    systemctl stop mooring.service
                    """);
        }
        MACHINES.get("b").bash("systemctl stop 'mooring-*.socket'");
        proxy.startDebian("nginx");
        proxy.follow(PAGE, "nginx in place of HAProxy");
        proxy.systemd().write("/root/content", Files.readAllBytes(TREE.resolve(FILE.substring(1))));
        proxy.bash("for i in 1 2 3 4 5 6; do curl -sSf http://192.0.2.1" + FILE + " | cmp - /root/content; done");
    }

    /** Waits until HAProxy has noticed the state of a machine. */
    private static void awaitState(String backend, String machine, String state) {
        proxy.bash("""
                until [[ $(socat stdio /run/haproxy/admin.sock <<< 'show stat' | grep '^%s,%s,') = *,%s,* ]]; do
                    sleep 0.1
                done
                """.formatted(backend, machine, state));
    }
}
