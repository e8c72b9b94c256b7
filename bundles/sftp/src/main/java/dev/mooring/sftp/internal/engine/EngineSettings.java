package dev.mooring.sftp.internal.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings of the engine. The server passes them on from its own, so that no package below the API depends on the API.
 *
 * @param hostKeyDirectory where the server keeps the host keys that it generates
 * @param hostKeys files of host keys to use instead; empty for generated ones
 * @param authentication lists of methods, in the syntax of OpenSSH's {@code AuthenticationMethods}
 * @param maxChannels the maximum number of channels of a connection
 * @param loginTimeout how long a login may take
 * @param idleTimeout when to disconnect an idle client; zero for never
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
