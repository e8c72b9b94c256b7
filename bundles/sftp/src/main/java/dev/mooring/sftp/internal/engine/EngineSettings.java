package dev.mooring.sftp.internal.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings of the engine. The server copies them from its own, so that the packages below {@code internal} do not depend on the
 * exported one.
 *
 * @param hostKeyDirectory the directory of generated host keys
 * @param hostKeys files of configured host keys; empty for generated ones
 * @param authentication lists of methods, in the syntax of OpenSSH's {@code AuthenticationMethods}
 * @param maxChannels the maximum number of channels of a connection
 * @param loginTimeout how long a login may take
 * @param idleTimeout how long a connection may be without a request; zero for no limit
 * @param keepAlive the interval between keep-alives; zero for none
 * @param uploadsInPlace whether other clients see an upload before it is complete
 */
public record EngineSettings(
        Path hostKeyDirectory,
        List<Path> hostKeys,
        String authentication,
        int maxChannels,
        Duration loginTimeout,
        Duration idleTimeout,
        Duration keepAlive,
        boolean uploadsInPlace) {}
