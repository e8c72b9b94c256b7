package dev.mooring.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Makes trees of files whose names cause trouble in clients and servers, and compares trees. */
final class Tree {

    /** Valid file names on Linux, without line breaks and without bytes that are not UTF-8. */
    private static final List<String> NAMES = List.of(
            "plain.txt",
            "two  blanks",
            " leading",
            "trailing ",
            "it's",
            "\"quoted\"",
            "`tick`",
            "$HOME",
            "$(id)",
            "a&b",
            "a;b",
            "a|b",
            "<a>",
            "(a)",
            "[a]",
            "{a,b}",
            "~",
            "~ada",
            "!x",
            "a#b?c=d",
            "100%",
            "%41",
            "%2e%2e",
            "*",
            "?",
            "a*b",
            "back\\slash",
            "\\",
            "-",
            "-rf",
            "--help",
            ".hidden",
            "..two",
            "...",
            "a.",
            "C:",
            "a=b,c",
            "@x",
            "+1",
            "e\u0301 decomposed",
            "\u00e9 composed",
            "\u00fcn\u00ef \u732b",
            "\ud83d\udea2",
            "\u05e9\u05dc\u05d5\u05dd",
            "no\u00a0break",
            "tab\there",
            "l".repeat(255),
            "\u00e9".repeat(127));

    /** Names that a protocol of lines cannot express. */
    private static final List<String> LINES = List.of("new\nline", "carriage\rreturn");

    private static final List<String> PLAIN_LINES = List.of("newline", "carriagereturn");

    private static final List<String> DIRECTORIES = List.of(
            "",
            "a b",
            ".directory",
            "%42",
            "it's a \"directory\"",
            "\u00fcn\u00ef \u72ac",
            "[1]",
            "**",
            "-n",
            "back\\",
            "deep/" + "d/".repeat(40) + "end");

    private Tree() {}

    /**
     * Makes a tree of odd names: files of up to some 3 KB, some of them empty, with times in the past, in plain, odd and
     * deep directories, some of which are empty.
     *
     * @param count number of files
     * @param lines whether names may contain line breaks
     */
    static void make(Path root, int count, boolean lines) throws IOException {
        List<String> names = new ArrayList<>(NAMES);
        names.addAll(lines ? LINES : PLAIN_LINES);
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            int number = i / names.size();
            String parent = number < DIRECTORIES.size() ? DIRECTORIES.get(number) : "directory " + number;
            Path directory = Files.createDirectories(root.resolve(parent));
            byte[] content = new byte[i % 17 == 0 ? 0 : random.nextInt(3000)];
            random.nextBytes(content);
            Path file = Files.write(directory.resolve(names.get(i % names.size())), content);
            Files.setLastModifiedTime(file, FileTime.from(1_000_000_000L + i * 1000L, TimeUnit.SECONDS));
        }
        Files.createDirectories(root.resolve("empty/of %/all"));
        Files.createDirectories(root.resolve("a b/.empty"));
    }

    /** Every file and directory below a root, with the hash of its content and the second of its last change. */
    static TreeMap<String, String> of(Path root) throws IOException {
        TreeMap<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                tree.put(root.relativize(path).toString(), Files.isDirectory(path) ? "directory" : file(path));
            }
        }
        return tree;
    }

    private static String file(Path path) throws IOException {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
            return HexFormat.of().formatHex(hash) + " "
                    + Files.getLastModifiedTime(path).to(TimeUnit.SECONDS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Differences of two trees; empty if they are equal. */
    static List<String> differences(Path expected, Path actual) throws IOException {
        return differences(of(expected), of(actual));
    }

    static List<String> differences(TreeMap<String, String> expected, TreeMap<String, String> actual) {
        List<String> differences = new ArrayList<>();
        expected.forEach((name, content) -> {
            if (!content.equals(actual.get(name))) {
                differences.add("'" + name + "': " + content + ", but " + actual.get(name));
            }
        });
        actual.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .forEach(name -> differences.add("'" + name + "' is new"));
        return differences;
    }
}
