package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** What can be seen of a server while it runs. Instances are safe for use by several threads. */
@ProviderType
public interface ProtocolServer {

    /**
     * What the server is called.
     *
     * @return a name such as {@code http~public}
     */
    String name();

    /**
     * What it speaks.
     *
     * @return the scheme of its URLs (RFC 3986 section 3.1), such as {@code http}
     */
    String protocol();

    /**
     * What it accepts from.
     *
     * @return the sockets that it serves on at this moment; those that it cannot serve on are not among them
     */
    List<NamedSocket> sockets();

    /**
     * How many clients are connected.
     *
     * @return a number of connections, those for data of FTP not counted
     */
    long connections();

    /**
     * How many clients wait for something.
     *
     * @return a number of requests and transfers that have begun and not ended
     */
    long transfers();

    /**
     * How much has been moved.
     *
     * @return the bytes of content of files and listings, in both directions, since the server was made
     */
    long bytes();
}
