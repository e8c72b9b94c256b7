package dev.mooring.sftp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Settings of a server for a test: passwords, few connections, nothing ends by itself, but for what a test changes. */
public final class TestSettings {

    private final Path keyDirectory;
    private List<Path> hostKeys = List.of();
    private String authentication = "password";
    private int unauthenticated = 10;
    private Duration idleTimeout = Duration.ZERO;
    private Duration keepAlive = Duration.ZERO;
    private boolean uploadsInPlace;

    /** Host keys are made in this directory. */
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

    /** The settings as they are now. */
    public SftpSettings get() {
        return new SftpSettings(
                keyDirectory,
                hostKeys,
                authentication,
                10,
                10,
                unauthenticated,
                10,
                Duration.ofSeconds(20),
                idleTimeout,
                keepAlive,
                uploadsInPlace);
    }
}
