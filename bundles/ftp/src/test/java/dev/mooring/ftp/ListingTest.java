package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class ListingTest {

    @TempDir
    Path temp;

    private Path root;
    private TestServer server;
    private FtpClient client;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(temp.resolve("root"));
        for (String name :
                List.of("a.txt", "b.txt", "c.dat", "[x].txt", "-dash", ".dot", "sub/s.txt", "sub/t.txt", "d.txt/in")) {
            Files.createDirectories(root.resolve(name).getParent());
            Files.writeString(root.resolve(name), name);
        }
        Files.writeString(Files.createDirectory(temp.resolve("outside")).resolve("secret.txt"), "secret");
        Files.createSymbolicLink(root.resolve("out"), temp.resolve("outside"));
        Files.createSymbolicLink(root.resolve("secret.txt"), temp.resolve("outside/secret.txt"));
        Files.createSymbolicLink(root.resolve("dangling.txt"), Path.of("nowhere"));
        Files.createSymbolicLink(root.resolve("loop.txt"), Path.of("loop.txt"));
        Files.createSymbolicLink(root.resolve("wrong.txt"), Path.of("a.txt/x"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("sub"));
        server = new TestServer(root);
        client = server.client().logIn();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    /** The sorted last fields of the lines of a listing. */
    private List<String> names(String command) throws IOException {
        return Stream.of(client.text(command).split("\r\n"))
                .filter(line -> !line.isEmpty())
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .sorted()
                .toList();
    }

    @Test
    void patternIsExpanded() throws IOException {
        List<String> texts = List.of("[x].txt", "a.txt", "b.txt", "d.txt");
        assertEquals(texts, names("NLST *.txt"));
        assertEquals(texts, names("LIST *.txt"));
        assertEquals(texts, names("LIST -la *.txt"));
        assertEquals(List.of("a.txt", "b.txt"), names("NLST [ab].txt"));
        assertEquals(List.of("a.txt", "b.txt"), names("NLST {a,b}.txt"));
        assertEquals(List.of("c.dat"), names("NLST ?.dat"));
        assertEquals(List.of("sub/s.txt", "sub/t.txt"), names("NLST sub/*"));
        assertEquals(List.of("/sub/s.txt"), names("NLST /sub/s*"));
        assertEquals(List.of("link/s.txt", "link/t.txt"), names("NLST link/*.txt"));
        assertEquals(List.of("sub"), names("LIST su*"));
        client.say("CWD sub", 250);
        assertEquals(List.of("../a.txt"), names("NLST ../a*"));
        assertEquals(List.of("s.txt", "t.txt"), names("NLST *"));
        String status = client.say("STAT ../*.txt", 213);
        assertTrue(status.contains(" a.txt\n") && status.contains(" b.txt\n"), status);
        assertFalse(status.contains("c.dat"), status);
    }

    @Test
    void patternWithoutMatchesListsNothing() throws IOException {
        assertEquals("", client.text("NLST *.none"));
        assertEquals("", client.text("LIST *.none"));
        assertEquals("", client.text("NLST " + "{ä,".repeat(80) + "}"));
        client.say("NLST none", 550);
        client.say("NLST none/*", 550);
        client.say("NLST a.txt/*", 550);
        client.say("NLST s*/*", 550);
        client.say("NLST " + "*".repeat(300), 550);
    }

    @Test
    void existingNameIsNotAPattern() throws IOException {
        assertEquals(List.of("[x].txt"), names("NLST [x].txt"));
        assertEquals("[x].txt", client.text("RETR [x].txt"));
        client.say("RETR ?.dat", 550);
        client.say("DELE *.dat", 550);
        client.say("SIZE *.dat", 550);
    }

    @Test
    void patternMatchesOnlyNamesOfTheListing() throws IOException {
        List<String> all = names("NLST");
        assertEquals(List.of("-dash", ".dot", "[x].txt", "a.txt", "b.txt", "c.dat", "d.txt", "link", "sub"), all);
        assertEquals(all, names("NLST *"));
        assertEquals(List.of(".dot"), names("NLST .*"));
        client.say("NLST out/*", 550);
        assertEquals(
                all,
                names("NLST ../../*").stream().map(name -> name.substring(6)).toList());
    }

    @Test
    void unreadableEntryDoesNotHideOthers() throws IOException {
        String status = client.say("STAT .", 213);
        for (String command : List.of("LIST", "NLST", "MLSD")) {
            assertTrue(client.text(command).contains("a.txt"), command);
        }
        assertTrue(status.contains(" a.txt\n") && status.endsWith("213 End."), status);
        assertFalse(status.contains("dangling") || status.contains("loop") || status.contains("wrong"), status);
    }

    /** A client that removes a tree would remove the files of a directory that it takes for one of the tree. */
    @Test
    void linkToADirectoryIsListedAsALink() throws IOException {
        assertTrue(line("LIST", "link -> /sub").startsWith("l"));
        assertTrue(client.say("STAT .", 213).contains(" link -> /sub\n"));
        String facts = line("MLSD", " link");
        assertTrue(facts.contains("type=OS.unix=slink:/sub;"), facts);
        assertTrue(facts.contains("perm=delf;"), facts);
        assertTrue(client.say("MLST link", 250).contains("type=OS.unix=slink:/sub;"));
        assertTrue(client.text("MLSD link").contains("type=cdir;"));
        assertTrue(client.text("LIST link").contains(" s.txt\r\n"));

        client.say("RMD link", 550);
        client.say("DELE link", 250);
        assertTrue(Files.exists(root.resolve("sub/s.txt")));
    }

    private String line(String command, String end) throws IOException {
        return client.text(command)
                .lines()
                .filter(line -> line.endsWith(end))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void optionsAndNamesAreDistinguished() throws IOException {
        assertEquals(List.of("-dash"), names("LIST -- -dash"));
        assertEquals(List.of("-dash"), names("NLST -dash"));
        assertEquals(List.of("-dash"), names("NLST -la -dash"));
        assertEquals(List.of("-dash"), names("NLST -*"));
        assertEquals(List.of("./-dash"), names("NLST ./-dash"));
        assertEquals("213", client.say("STAT -- -dash", 213).substring(0, 3));
        List<String> all = names("LIST");
        Files.writeString(root.resolve("-la"), "");
        assertEquals(all.size() + 1, names("LIST -la").size());
        assertEquals(all.size() + 1, names("LIST -lh").size());
        assertEquals(List.of("-la"), names("LIST -- -la"));
        assertEquals(List.of("s.txt", "t.txt"), names("LIST -l -- sub"));
        client.say("NLST -no-such-name", 550);
        client.say("NLST -- -none", 550);
    }
}
