package dev.mooring.sftp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Settings for a test. By default: passwords, a maximum of ten connections, no idle timeout and no keep-alives. */
public final class TestSettings {

    private final Path keyDirectory;
    private List<Path> hostKeys = List.of();
    private String authentication = "password";
    private int unauthenticated = 10;
    private Duration loginTimeout = Duration.ofSeconds(20);
    private Duration idleTimeout = Duration.ZERO;
    private Duration keepAlive = Duration.ZERO;
    private boolean uploadsInPlace;

    /** Keeps generated host keys in this directory. */
    public TestSettings(Path keyDirectory) {
        this.keyDirectory = keyDirectory;
    }

    TestSettings hostKeys(List<Path> files) {
        hostKeys = files;
        return this;
    }

    TestSettings authentication(String methods) {
        authentication = methods;
        return this;
    }

    TestSettings unauthenticated(int connections) {
        unauthenticated = connections;
        return this;
    }

    TestSettings loginTimeout(Duration timeout) {
        loginTimeout = timeout;
        return this;
    }

    TestSettings idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    TestSettings keepAlive(Duration interval) {
        keepAlive = interval;
        return this;
    }

    TestSettings uploadsInPlace(boolean inPlace) {
        uploadsInPlace = inPlace;
        return this;
    }

    /** The settings with all changes so far. */
    public SftpSettings get() {
        return new SftpSettings(
                keyDirectory,
                hostKeys,
                authentication,
                10,
                10,
                unauthenticated,
                10,
                loginTimeout,
                idleTimeout,
                keepAlive,
                uploadsInPlace);
    }
}
