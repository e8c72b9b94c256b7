package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invalid lines. Each gets a reply or ends the connection, and the log stays short. */
class BadInputTest {

    @TempDir
    Path root;

    private TestServer server;
    private FtpClient client;
    private CapturedLog log;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(root.resolve("f"), "0123456789");
        log = new CapturedLog();
        server = new TestServer(root, TransferTest.settings(Duration.ofSeconds(2)));
        client = server.client().logIn();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        log.close();
        assertFalse(log.hasStackTrace());
        assertTrue(log.lines().stream().noneMatch(line -> line.startsWith("SEVERE")), () -> log.lines()
                .toString());
    }

    private void assertReplies(String... commandsAndCodes) throws IOException {
        for (String each : commandsAndCodes) {
            int arrow = each.lastIndexOf(" -> ");
            client.say(each.substring(0, arrow), Integer.parseInt(each.substring(arrow + 4)));
        }
    }

    @Test
    void onlyStandardRepresentationsAreAccepted() throws IOException {
        assertReplies(
                "TYPE I -> 200",
                "TYPE i -> 200",
                "TYPE L 8 -> 200",
                "TYPE L8 -> 200",
                "TYPE A -> 200",
                "TYPE A N -> 200",
                "TYPE A T -> 200",
                "TYPE A C -> 504",
                "TYPE E -> 504",
                "TYPE L 36 -> 504",
                "TYPE L -> 504",
                "TYPE -> 501",
                "TYPE   -> 501",
                "MODE S -> 200",
                "mode s -> 200",
                "MODE B -> 504",
                "MODE C -> 504",
                "MODE Z -> 504",
                "MODE SS -> 504",
                "MODE -> 501",
                "STRU F -> 200",
                "STRU R -> 504",
                "STRU P -> 504",
                "STRU -> 501",
                "NOOP -> 200",
                "NOOP whatever -> 200");
        assertEquals("215 UNIX Type: L8", client.say("SYST"));
        assertEquals("0123456789", client.text("RETR f"));
    }

    @Test
    void invalidAddressesAreRefused() throws IOException {
        assertReplies(
                "EPRT -> 501",
                "EPRT   -> 501",
                "EPRT \t -> 501",
                "EPRT | -> 501",
                "EPRT ||||| -> 501",
                "EPRT |1|127.0.0.1|51210 -> 501",
                "EPRT |1|127.0.0.1|51210|| -> 501",
                "EPRT |1|127.1|51210| -> 501",
                "EPRT |1|1|51210| -> 501",
                "EPRT |1|999.0.0.1|51210| -> 501",
                "EPRT |1|127.0.0.1.|51210| -> 501",
                "EPRT |1|::ffff:127.0.0.1|51210| -> 501",
                "EPRT |2|127.0.0.1|51210| -> 501",
                "EPRT |2|:|51210| -> 501",
                "EPRT |2|1:2:3|51210| -> 501",
                "EPRT |2|" + ":".repeat(5000) + "|51210| -> 501",
                "EPRT |2|::1%lo|51210| -> 501",
                "EPRT |1|localhost|51210| -> 501",
                "EPRT |1|127.0.0.1|-1| -> 501",
                "EPRT |1|127.0.0.1|99999| -> 501",
                "EPRT |1|127.0.0.1|123456| -> 501",
                "EPRT |3|127.0.0.1|51210| -> 522",
                "PORT -> 501",
                "PORT   -> 501",
                "PORT 1,2,3 -> 501",
                "PORT 127,0,0,1,200,10,1 -> 501",
                "PORT 127,0,0,256,200,10 -> 501",
                "PORT 127,0,0,1,256,10 -> 501",
                "PORT 127,0,0,1,200,256 -> 501",
                "PORT -1,0,0,1,200,10 -> 501",
                "PORT 99999999999,0,0,1,200,10 -> 501",
                "EPSV 3 -> 522",
                "EPSV -1 -> 522",
                "EPSV 99999999999 -> 522");
        assertReplies("EPRT |1|127.0.0.1|51210| -> 200", "EPRT !1!127.0.0.1!51210! -> 200");
    }

    @Test
    void invalidArgumentsAreRefused() throws IOException {
        assertReplies(
                "REST -> 501",
                "REST -1 -> 501",
                "REST +1 -> 501",
                "REST 1x -> 501",
                "REST 0x10 -> 501",
                "REST 9999999999999999999 -> 501",
                "REST \u0661 -> 501",
                "MFMT -> 501",
                "MFMT f -> 501",
                "MFMT 20200102 f -> 501",
                "MFMT 20200230000000 f -> 501",
                "MFMT 20201301000000 f -> 501",
                "MFMT 20200101250000 f -> 501",
                "MFMT 20200101000000 -> 501",
                "MDTM -> 501",
                "MDTM 20200101000000 f -> 550",
                "OPTS -> 501",
                "OPTS   -> 501",
                "OPTS HASH -> 200",
                "OPTS HASH MD4 -> 501",
                "OPTS MLST -> 200",
                "OPTS MLST nothing;;; -> 200",
                "HASH -> 501",
                "HASH none -> 550",
                "XCRC \"f\" 0 5 -> 550",
                "XMD5 \" -> 550",
                "XMD5 \"\" -> 550",
                "SITE -> 504",
                "SITE   -> 504",
                "SITE CHMOD -> 501",
                "SITE CHMOD 999 f -> 501",
                "SITE CHMOD 644 -> 501",
                "SITE HELP -> 214",
                "ALLO -> 202",
                "ALLO -1 R x -> 202",
                "SIZE -> 501",
                "DELE -> 501",
                "MKD -> 501",
                "RMD -> 501",
                "RNFR -> 501",
                "RETR -> 501",
                "STOR -> 501",
                "APPE -> 501",
                "PROT P -> 503",
                "PBSZ x -> 503",
                "AUTH -> 502",
                "USER -> 530",
                "PASS -> 202",
                "STAT none -> 550",
                "STAT - -> 213",
                " -> 502",
                "   -> 502",
                "\u0131 -> 502");
        assertEquals("502 Command not implemented.", client.say("<script>x"));
    }

    @Test
    void impossibleFileNamesAreRefused() throws IOException {
        assertReplies(
                "STOR a\0b -> 553",
                "RETR a\0b -> 553",
                "CWD \0 -> 553",
                "MKD " + "x".repeat(300) + " -> 553",
                "CWD " + "a/".repeat(4000) + " -> 550",
                "SIZE " + "../".repeat(2000) + "f -> 213");
        assertTrue(log.lines().stream().noneMatch(line -> line.startsWith("WARNING")), () -> log.lines()
                .toString());
    }

    @Test
    void refusedRestTransfersFromTheBeginning() throws IOException {
        assertReplies("REST 5 -> 350", "REST x -> 501");
        assertEquals("0123456789", client.text("RETR f"));
    }

    @Test
    void offsetIsKeptByCommandsThatPrepareATransferAndDiscardedByOthers() throws IOException {
        assertReplies("REST 5 -> 350", "TYPE I -> 200", "SIZE f -> 213", "NOOP -> 200", "MODE S -> 200");
        assertEquals("56789", client.text("RETR f"));
        assertReplies("REST 5 -> 350", "CWD / -> 250");
        assertEquals("0123456789", client.text("RETR f"));
        assertReplies("REST 5 -> 350", "NLST -> 425");
        assertEquals("0123456789", client.text("RETR f"));
        assertReplies("REST 5 -> 350", "REIN -> 220", "USER ada -> 331", "PASS secret -> 230");
        assertEquals("0123456789", client.text("RETR f"));
    }

    private static byte[] bytes(int... octets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int octet : octets) {
            all.write(octet);
        }
        return all.toByteArray();
    }

    @Test
    void telnetCodesAreRemoved() throws IOException {
        int[][] codes = {
            {0xff, 0xf4}, // Interrupt Process
            {0xff, 0xfd, 'F'}, // DO with an option
            {0xff, 0xfb, 0xff}, // WILL
            {0xff, 0xff}, // an escaped 0xff, which is not UTF-8
            {0xff, 0xf1, 0xff, 0xf2},
        };
        for (int[] code : codes) {
            client.send(bytes(code));
            client.say("NOOP", 200);
            client.send("NO".getBytes(StandardCharsets.US_ASCII));
            client.send(bytes(code));
            client.say("OP", 200);
        }
    }

    /** A client sends IAC IP IAC DM as urgent data. In TCP only one byte is urgent, and the server must not lose it. */
    @Test
    void urgentByteBeforeAborIsRemoved() throws IOException {
        try (Socket data = client.passive()) {
            client.say("STOR a", 150);
            client.send(bytes(0xff, 0xf4));
            client.sendUrgent(0xff);
            client.send(bytes(0xf2));
            assertTrue(client.say("ABOR").startsWith("426"));
            assertTrue(client.reply().startsWith("226"));
            assertTrue(data.isConnected());
        }
    }

    @Test
    void unreadableLineIsRefusedAndTheNextIsCarriedOut() throws IOException {
        client.send("NOOP\nNOOP\r\n".getBytes(StandardCharsets.US_ASCII));
        assertTrue(client.reply().startsWith("200"));
        assertTrue(client.reply().startsWith("200"));
        assertReplies("SIZE f\rNOOP -> 550", "NOOP -> 200", "x".repeat(9000) + " -> 500", "NOOP -> 200");
        for (byte[] line : new byte[][] {
            bytes(0xc0, 0xaf), bytes(0xed, 0xa0, 0x80), bytes(0xf4, 0x90, 0x80, 0x80), bytes(0xc3), bytes(0x80)
        }) {
            client.send(line);
            assertEquals("501 The command is not in UTF-8.", client.say(""));
        }
        client.say("NOOP", 200);
    }

    @Test
    void firstLineOfAnotherProtocolEndsTheConnection() throws IOException {
        String http = "POST / HTTP/1.1\r\nHost: x\r\n\r\nUSER ada\r\nPASS secret\r\nDELE f\r\nQUIT\r\n";
        assertEquals("421 This is an FTP server.\r\n", answer(http.getBytes(StandardCharsets.US_ASCII)));
        assertEquals(
                "421 This is an FTP server.\r\n",
                answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("421 Send AUTH TLS before the TLS handshake.\r\n", answer(bytes(0x16, 3, 1, 0, 5, 1, '\n', 0, 1)));
        assertTrue(Files.exists(root.resolve("f")));
        assertReplies("SIZE GET / HTTP/1.1 -> 550", "NOOP -> 200");
    }

    /** The replies to bytes on a new connection, after the greeting. */
    private String answer(byte[] sent) throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getByName("127.0.0.1"), (int) server.socket().port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(sent);
            String heard = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(heard.startsWith("220 FTP server ready.\r\n"), heard);
            return heard.substring("220 FTP server ready.\r\n".length());
        }
    }
}
