package dev.mooring.systemd.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.protocol.ListeningSocket;
import dev.mooring.systemd.FakeServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusTest {

    @Test
    void itSaysInWordsWhoIsServedAndWhoIsNot() throws IOException {
        try (ListeningSocket socket = ListeningSocket.inet("any")) {
            FakeServer http = new FakeServer("http~public", socket).connected(12);
            FakeServer sftp = new FakeServer("sftp~public", socket).connected(3);
            FakeServer ftp = new FakeServer("ftp~public", socket).connected(1).drains();
            FakeServer alone = new FakeServer("http~alone");
            assertEquals(
                    "http~public 12, sftp~public 3 connected; ftp~public draining",
                    Status.of(List.of(sftp, ftp, http)));
            sftp.proxyErrors = 2;
            assertEquals(
                    "sftp~public 3 connected; sftp~public ended 2 connections without a valid PROXY header",
                    Status.of(List.of(sftp)));
            assertEquals("http~alone without a socket", Status.of(List.of(alone)));
            FakeServer waiting = new FakeServer("sftp~waiting");
            waiting.problem = "waits for a share";
            assertEquals("http~public 12 connected; sftp~waiting waits for a share", Status.of(List.of(waiting, http)));
            assertEquals(
                    "nothing is served; configure dev.mooring.http-NAME.cfg and dev.mooring.share-NAME.cfg",
                    Status.of(List.of()));
            assertEquals("ending; ftp~public 1 connected", Status.ending(List.of(ftp, alone)));
            assertEquals("ending", Status.ending(List.of(alone)));
        }
    }

    @Test
    void whateverAConfigurationIsCalledItIsOneLine() {
        assertEquals("a?READY=1 without a socket", Status.of(List.of(new FakeServer("a\nREADY=1"))));
    }
}
