package dev.mooring.ftp.internal.session;

import dev.mooring.protocol.PemIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Whether the connections of a server are encrypted.
 *
 * @param identity the certificate and its key; {@code null} for plain FTP
 * @param required whether logins and transfers without TLS are refused
 * @param implicit whether TLS starts with the first byte of a connection
 * @param reuse whether encrypted data connections must resume the TLS session of their control connection
 */
public record TlsPolicy(@Nullable PemIdentity identity, boolean required, boolean implicit, boolean reuse) {}
