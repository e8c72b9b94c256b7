package dev.mooring.accounts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.common.LogRecorder;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

class AccountsComponentTest {

    @TempDir
    Path dir;

    /** The registered services. */
    private final Map<Accounts, Dictionary<?, ?>> services = new HashMap<>();

    @Test
    void accountsArePublishedUnderTheNameInThePidUntilDeactivation() throws IOException {
        Path passwords = Files.writeString(
                dir.resolve("passwd"), "ada:$2y$04$6tpZ020KvERR7njKqGnq4.dGlhnKIverkZJJVj8o5lCa9rfnIqpAe\n");
        AccountsComponent component = activate("dev.mooring.accounts~default", " " + passwords + " ", Map.of());
        Accounts accounts = services.keySet().iterator().next();
        assertEquals("default", services.get(accounts).get(Accounts.ACCOUNTS_NAME));
        assertInstanceOf(Verdict.Accepted.class, login(accounts));
        component.close();
        assertTrue(services.isEmpty());
        assertInstanceOf(Verdict.Unavailable.class, login(accounts));
    }

    @Test
    void configurationWithoutFilesIsRefusedWithTheRemedy() {
        try (LogRecorder log = new LogRecorder(Accounts.PID)) {
            activate("dev.mooring.accounts~default", " ", Map.of()).close();
            assertEquals(
                    List.of(
                            "SEVERE dev.mooring.accounts~default is not used: Accounts 'default': nobody can log in; set 'passwords' or 'authorized.keys' to a file"),
                    log.lines());
            assertTrue(services.isEmpty());
        }
    }

    @Test
    void configurationWithoutANameIsRefused() {
        try (LogRecorder log = new LogRecorder(Accounts.PID)) {
            activate("dev.mooring.accounts", "x", Map.of());
            assertTrue(log.lines().get(0).contains("dev.mooring.accounts~NAME"), log.lines()::toString);
        }
    }

    @Test
    void accountsArePublishedDespiteMissingFilesAndUnknownKeys() {
        try (LogRecorder log = new LogRecorder(Accounts.PID)) {
            activate("dev.mooring.accounts~a", dir + "/later", Map.of("authorized_keys", "/etc"));
            assertEquals(
                    List.of(
                            "WARNING Configuration dev.mooring.accounts~a: unknown key 'authorized_keys' is ignored; the"
                                    + " keys are authorized.keys, home, name, passwords, read.only, share, users",
                            "WARNING Accounts 'a': " + dir + "/later does not exist"),
                    log.lines());
        }
        assertEquals(1, services.size());
    }

    private static Verdict login(Accounts accounts) {
        return accounts.authenticate("ada", "right".toCharArray(), new Peer("test", null))
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private AccountsComponent activate(String pid, String passwords, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(more);
        properties.put("service.pid", pid);
        properties.put("passwords", passwords);
        return new AccountsComponent(context(), properties);
    }

    /** A context that can only register and unregister services. */
    private BundleContext context() {
        ClassLoader loader = getClass().getClassLoader();
        return (BundleContext)
                Proxy.newProxyInstance(loader, new Class<?>[] {BundleContext.class}, (c, register, args) -> {
                    services.put((Accounts) args[1], (Dictionary<?, ?>) args[2]);
                    return Proxy.newProxyInstance(
                            loader, new Class<?>[] {ServiceRegistration.class}, (r, unregister, none) -> {
                                services.remove(args[1]);
                                return null;
                            });
                });
    }
}
