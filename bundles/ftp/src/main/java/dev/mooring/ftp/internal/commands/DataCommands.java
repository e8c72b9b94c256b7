package dev.mooring.ftp.internal.commands;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.data.DataSource;
import dev.mooring.ftp.internal.data.PassivePorts;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.protocol.DataPort;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Commands that prepare the next data connection: PASV and PORT (RFC 959), EPSV and EPRT (RFC 2428). */
public final class DataCommands {

    private static final Logger LOG = System.getLogger(DataCommands.class.getName());
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
    private static final Pattern PORT = Pattern.compile("(\\d{1,3},\\d{1,3},\\d{1,3},\\d{1,3}),(\\d{1,3}),(\\d{1,3})");
    private static final Pattern EPRT = Pattern.compile("([!-~])(\\d{1,3})\\1([0-9a-fA-F:.]*)\\1(\\d{1,5})\\1");

    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final PassivePorts ports;
    private final String passiveAddress;

    /**
     * Makes the commands of a server.
     *
     * @param ports the ports for passive mode
     * @param passiveAddress the IPv4 address in replies to PASV; empty for the address of the control connection
     */
    public DataCommands(PassivePorts ports, String passiveAddress) {
        this.ports = ports;
        this.passiveAddress = passiveAddress;
    }

    /** Opens a port to listen on; returns {@code null} after an error reply if there is none. */
    private @Nullable DataPort openPassive(FtpSession client) {
        client.transfers().discardSource();
        try {
            DataPort port = ports.open(client.local(), client.transfers().isLastSourceUnused());
            client.transfers().prepare(new DataSource.Passive(port, client.dataPeers()));
            return port;
        } catch (PassivePorts.NoServerException e) {
            client.dismiss(FtpSession.REPLACED);
            return null;
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} has no data connection for {1}: {2}",
                    client.server().name(),
                    client,
                    ClientText.sentence(e.getMessage()));
            client.reply(425, "No data connection: " + e.getMessage() + ".");
            return null;
        }
    }

    void pasv(FtpSession client, @Nullable String none) throws IOException {
        if (client.state().extendedPassiveOnly) {
            client.reply(503, "Only EPSV is accepted after EPSV ALL.");
        } else if (client.local() instanceof Inet6Address) {
            // The port is opened on this address, so the IPv4 address of passive.address does not lead there.
            client.reply(425, "PASV cannot report an IPv6 address; send EPSV.");
        } else {
            InetAddress address = passiveAddress.isEmpty() ? client.local() : InetAddress.getByName(passiveAddress);
            DataPort port = openPassive(client);
            if (port != null) {
                client.reply(
                        227,
                        "Entering Passive Mode (" + address.getHostAddress().replace('.', ',') + ','
                                + (port.port() >> 8) + ',' + (port.port() & 0xff) + ").");
            }
        }
    }

    void epsv(FtpSession client, @Nullable String argument) {
        String wanted = argument == null ? "" : argument.strip().toUpperCase(Locale.ROOT);
        String family = client.local() instanceof Inet6Address ? "2" : "1";
        if (wanted.equals("ALL")) {
            client.state().extendedPassiveOnly = true;
            client.reply(200, "EPSV ALL command successful.");
        } else if (!wanted.isEmpty() && !wanted.equals(family)) {
            client.reply(522, "Network protocol not supported, use (" + family + ").");
        } else {
            DataPort port = openPassive(client);
            if (port != null) {
                client.reply(229, "Entering Extended Passive Mode (|||" + port.port() + "|).");
            }
        }
    }

    void port(FtpSession client, @Nullable String argument) throws IOException {
        Matcher numbers = PORT.matcher(argument == null ? "" : argument.strip());
        InetAddress address = numbers.matches() ? ipv4(numbers.group(1).split(",")) : null;
        int high = address == null ? 0 : Integer.parseInt(numbers.group(2));
        int low = address == null ? 0 : Integer.parseInt(numbers.group(3));
        if (address == null || high > 255 || low > 255) {
            client.reply(501, "PORT needs six numbers from 0 to 255, like 192,0,2,1,200,10.");
        } else {
            prepareActive(client, "PORT", address, (high << 8) + low);
        }
    }

    void eprt(FtpSession client, @Nullable String argument) {
        Matcher parts = EPRT.matcher(argument == null ? "" : argument.strip());
        if (!parts.matches()) {
            client.reply(
                    501, "EPRT needs protocol, address and port, like |1|192.0.2.1|51210| or |2|2001:db8::1|51210|.");
            return;
        }
        String protocol = parts.group(2);
        String text = parts.group(3);
        InetAddress address;
        try {
            switch (protocol) {
                case "1" -> address = ipv4(text.split("\\.", -1));
                case "2" -> address = IPV6.matcher(text).matches() ? InetAddress.getByName(text) : null;
                default -> {
                    client.reply(522, "Network protocol not supported, use (1,2).");
                    return;
                }
            }
        } catch (UnknownHostException e) {
            address = null;
        }
        if (address == null) {
            client.reply(501, text + " is not an address of protocol " + protocol + ".");
        } else {
            prepareActive(client, "EPRT", address, Integer.parseInt(parts.group(4)));
        }
    }

    /** The address of four numbers; {@code null} if they are invalid. The JDK would look up an invalid address as a host name. */
    private static @Nullable InetAddress ipv4(String[] numbers) throws UnknownHostException {
        byte[] address = new byte[4];
        if (numbers.length != address.length) {
            return null;
        }
        for (int i = 0; i < address.length; i++) {
            if (!numbers[i].matches("\\d{1,3}") || Integer.parseInt(numbers[i]) > 255) {
                return null;
            }
            address[i] = (byte) Integer.parseInt(numbers[i]);
        }
        return InetAddress.getByAddress(address);
    }

    private void prepareActive(FtpSession client, String command, InetAddress address, int port) {
        if (client.state().extendedPassiveOnly) {
            client.reply(503, "Only EPSV is accepted after EPSV ALL.");
        } else if (!address.equals(client.peer())) {
            refuse(client, address, port, "it is not the address of the client");
        } else if (port < FIRST_UNPRIVILEGED_PORT || port > 0xffff) {
            refuse(client, address, port, "the port is not in 1024-65535");
        } else {
            client.transfers().prepare(new DataSource.Active(new InetSocketAddress(address, port), client.local()));
            client.reply(200, command + " command successful.");
        }
    }

    private void refuse(FtpSession client, InetAddress address, int port, String reason) {
        LOG.log(
                Level.WARNING,
                "{0} does not connect to {1} port {2,number,#} for {3}: {4}",
                client.server().name(),
                address.getHostAddress(),
                port,
                client,
                reason);
        client.reply(501, "This server does not connect there: " + reason + ".");
    }
}
