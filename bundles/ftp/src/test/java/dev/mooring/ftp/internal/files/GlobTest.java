package dev.mooring.ftp.internal.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GlobTest {

    private static void check(String pattern, List<String> matching, List<String> others) {
        Glob glob = Glob.of(pattern);
        matching.forEach(name -> assertTrue(glob.matches(name), pattern + " " + name));
        others.forEach(name -> assertFalse(glob.matches(name), pattern + " " + name));
    }

    @Test
    void starAndQuestionMarkStandForCharacters() {
        check("*", List.of("a.txt", ".hid", ""), List.of());
        check("*.txt", List.of("a.txt", ".txt"), List.of("b.dat", "a.txt.gz", "txt"));
        check("a*b*c", List.of("abc", "aXbYc", "abcbc"), List.of("ab", "acb"));
        check("?", List.of("a", "ü", "🐈"), List.of("", "ab"));
    }

    @Test
    void bracketsAreASetOfCharacters() {
        check("[ab].txt", List.of("a.txt", "b.txt"), List.of("c.txt", "[ab].txt"));
        check("[a-c]x", List.of("ax", "bx"), List.of("dx", "-x"));
        check("[!a-c]x", List.of("dx", "-x"), List.of("bx", "x"));
        check("[^a]x", List.of("bx"), List.of("ax"));
        check("[]a]x", List.of("]x", "ax"), List.of("bx"));
        check("[!]]x", List.of("ax"), List.of("]x"));
        check("[a-]x", List.of("ax", "-x"), List.of("bx"));
        check("[*]x", List.of("*x"), List.of("ax"));
        check("[x", List.of("[x"), List.of("x"));
    }

    @Test
    void bracesAreAlternatives() {
        check("{a,b}.txt", List.of("a.txt", "b.txt"), List.of("c.txt"));
        check("{a*,*b}", List.of("ax", "xb"), List.of("x"));
        check("x{,.gz}", List.of("x", "x.gz"), List.of("x."));
        check("{[,],x}y", List.of(",y", "xy"), List.of("]y"));
        check("{a,b}{c,d}", List.of("ac", "bd"), List.of("ab", "a"));
        check("{a", List.of("{a"), List.of("a"));
        check("a,b}", List.of("a,b}"), List.of("a"));
        check("{a{b,c}", List.of("{ab", "{ac"), List.of("ab"));
    }

    @Test
    void matchesTheSameNamesAsTheJdk() {
        String[] parts = {"a", "b", "*", "?", "[ab]", "[!a]", "[a-c]", "{a,b}", "{a*,?b}", "{,ab}"};
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            StringBuilder pattern = new StringBuilder();
            StringBuilder name = new StringBuilder("a");
            for (int j = 0; j < 5; j++) {
                pattern.append(parts[random.nextInt(parts.length)]);
                name.append("abcd", 0, random.nextInt(3)).append("bcda".charAt(random.nextInt(4)));
            }
            boolean expected =
                    FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(name.toString()));
            assertEquals(expected, Glob.of(pattern.toString()).matches(name.toString()), pattern + " " + name);
        }
    }

    @Test
    void hostilePatternTakesLittleTime() {
        String name = "a".repeat(255);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (String part : List.of("*a", "{a,*}", "{a,a}", "{*,?,[a]}")) {
                String pattern = part.repeat(250 / part.length()) + "b";
                assertFalse(Glob.of(pattern).matches(name), pattern);
            }
        });
    }

    @Test
    void textLongerThanAnyNameIsNotAPattern() {
        assertTrue(Glob.isPattern("*".repeat(255)));
        assertFalse(Glob.isPattern("*".repeat(256)));
        assertFalse(Glob.isPattern("a.txt"));
    }
}
