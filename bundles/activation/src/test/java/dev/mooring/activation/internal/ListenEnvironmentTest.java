package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.mooring.activation.internal.ListenEnvironment.Self;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of sd_listen_fds_with_names(3), as systemd's {@code sd-daemon.c} implements them. Some rows are stricter:
 * {@code safe_atoi} there accepts a sign, leading spaces and the prefixes {@code 0x} and {@code 0}, which no launcher
 * writes.
 */
class ListenEnvironmentTest {

    private static final long PID = 4242;
    private static final long PARENT = 41;
    private static final long PIDFD_ID = 987_654_321_012L;
    private static final String LONGEST_NAME = "n".repeat(255);

    /** The expected result for one environment. */
    private record Row(
            String sentence, Map<String, String> environment, boolean activated, List<String> names, String problem) {

        @Override
        public String toString() {
            return sentence + " " + (environment.toString().length() > 200 ? "" : environment);
        }
    }

    /** Variables, given as {@code NAME=VALUE} without {@code LISTEN_}. */
    private static Map<String, String> of(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            environment.put("LISTEN_" + variable.substring(0, equals), variable.substring(equals + 1));
        }
        return environment;
    }

    private static Row absent(String sentence, String... variables) {
        return new Row(sentence, of(variables), false, List.of(), "");
    }

    private static Row good(String sentence, List<String> names, String... variables) {
        return new Row(sentence, of(variables), true, names, "");
    }

    private static Row malformed(String sentence, String problem, String... variables) {
        return new Row(sentence, of(variables), true, List.of(), problem);
    }

    private static Row misnamed(String sentence, int count, String problem, String... variables) {
        return new Row(sentence, of(variables), true, Collections.nCopies(count, "unknown"), problem);
    }

    static Stream<Row> rows() {
        String ours = "PID=" + PID;
        return Stream.of(
                // LISTEN_PID
                absent("no variable at all means not activated"),
                absent("without LISTEN_PID nothing is for us", "FDS=1", "FDNAMES=http"),
                absent("another process's LISTEN_PID means not activated", "PID=77", "FDS=1"),
                absent("another process's variables are not judged", "PID=77", "FDS=x", "FDNAMES=a:b"),
                absent("the pid of init is another process's", "PID=1", "FDS=1"),
                absent("the largest pid is another process's", "PID=2147483647", "FDS=1"),
                new Row(
                        "the parent's LISTEN_PID is not for us, and there is a remedy",
                        of("PID=" + PARENT, "FDS=1"),
                        false,
                        List.of(),
                        "LISTEN_PID=41 is the parent of this process, 4242, so its sockets are not for this process;"
                                + " if a script starts java, use exec in the script"),
                absent("the parent's LISTEN_PID without LISTEN_FDS says nothing", "PID=" + PARENT),
                malformed("an empty LISTEN_PID is an error", "LISTEN_PID= is not a process id", "PID=", "FDS=1"),
                malformed("LISTEN_PID=0 is an error, parse_pid", "LISTEN_PID=0 is not", "PID=0", "FDS=1"),
                malformed("a negative LISTEN_PID is an error", "LISTEN_PID=-4242 is not", "PID=-4242", "FDS=1"),
                malformed("LISTEN_PID with a sign is an error", "LISTEN_PID=+4242 is not", "PID=+4242", "FDS=1"),
                malformed("LISTEN_PID behind a space is an error", "LISTEN_PID= 4242", "PID= 4242", "FDS=1"),
                malformed("LISTEN_PID before a newline is an error", "LISTEN_PID=4242\n", "PID=4242\n", "FDS=1"),
                malformed("LISTEN_PID of letters is an error", "LISTEN_PID=self is not", "PID=self", "FDS=1"),
                malformed("LISTEN_PID in hex is an error", "LISTEN_PID=0x1092 is not", "PID=0x1092", "FDS=1"),
                malformed("LISTEN_PID above INT_MAX is an error", "2147483648", "PID=2147483648", "FDS=1"),
                malformed("LISTEN_PID above 2^64 is an error", "99999", "PID=99999999999999999999", "FDS=1"),
                malformed("LISTEN_PID in other digits is an error", "٤٢٤٢", "PID=٤٢٤٢", "FDS=1"),
                malformed("a malformed LISTEN_PID alone is an error", "to the id of this process, 4242", "PID=x"),
                // LISTEN_PIDFDID
                good("our LISTEN_PIDFDID is for us", List.of("unknown"), ours, "PIDFDID=" + PIDFD_ID, "FDS=1"),
                absent("another process's LISTEN_PIDFDID means not activated", ours, "PIDFDID=5", "FDS=1"),
                absent("LISTEN_PIDFDID=0 is another process's", ours, "PIDFDID=0", "FDS=1"),
                absent("another's LISTEN_PIDFDID comes before LISTEN_FDS", ours, "PIDFDID=5", "FDS=x"),
                absent("LISTEN_PIDFDID is not judged for another pid", "PID=77", "PIDFDID=x", "FDS=1"),
                malformed("LISTEN_PIDFDID of letters is an error", "LISTEN_PIDFDID=x is", ours, "PIDFDID=x", "FDS=1"),
                malformed("an empty LISTEN_PIDFDID is an error", "LISTEN_PIDFDID= is", ours, "PIDFDID=", "FDS=1"),
                malformed("a negative LISTEN_PIDFDID is an error", "PIDFDID=-1 is", ours, "PIDFDID=-1", "FDS=1"),
                malformed(
                        "LISTEN_PIDFDID above 2^64 is an error",
                        "is not the inode number of a pidfd",
                        ours,
                        "PIDFDID=99999999999999999999",
                        "FDS=1"),
                // LISTEN_FDS
                absent("our LISTEN_PID without LISTEN_FDS means not activated", ours),
                absent("LISTEN_FDNAMES alone means not activated", ours, "FDNAMES=http"),
                malformed("an empty LISTEN_FDS is an error", "LISTEN_FDS= is not the number", ours, "FDS="),
                malformed("LISTEN_FDS=0 is an error", "decimal number from 1 up", ours, "FDS=0"),
                malformed("LISTEN_FDS=00 is an error", "LISTEN_FDS=00 is not", ours, "FDS=00"),
                malformed("a negative LISTEN_FDS is an error", "LISTEN_FDS=-1 is not", ours, "FDS=-1"),
                malformed("LISTEN_FDS with a sign is an error", "LISTEN_FDS=+1 is not", ours, "FDS=+1"),
                malformed("LISTEN_FDS behind a space is an error", "LISTEN_FDS= 1 is not", ours, "FDS= 1"),
                malformed("LISTEN_FDS before a space is an error", "LISTEN_FDS=1  is not", ours, "FDS=1 "),
                malformed("LISTEN_FDS of letters is an error", "LISTEN_FDS=one is not", ours, "FDS=one"),
                malformed("LISTEN_FDS with junk behind it is an error", "LISTEN_FDS=1x is not", ours, "FDS=1x"),
                malformed("LISTEN_FDS in hex is an error", "LISTEN_FDS=0x2 is not", ours, "FDS=0x2"),
                malformed("LISTEN_FDS with a fraction is an error", "LISTEN_FDS=1.0 is not", ours, "FDS=1.0"),
                malformed("LISTEN_FDS in other digits is an error", "LISTEN_FDS=２ is not", ours, "FDS=２"),
                malformed("LISTEN_FDS past INT_MAX - 3 is an error", "2147483645 is not", ours, "FDS=2147483645"),
                malformed("LISTEN_FDS past INT_MAX is an error", "4294967297 is not", ours, "FDS=4294967297"),
                malformed("LISTEN_FDS past 2^64 is an error", "is not", ours, "FDS=18446744073709551617"),
                malformed("LISTEN_FDS is judged before LISTEN_FDNAMES", "LISTEN_FDS=x", ours, "FDS=x", "FDNAMES=a:b"),
                good("LISTEN_FDS with leading zeros is decimal", List.of("unknown", "unknown"), ours, "FDS=002"),
                // LISTEN_FDNAMES
                good("without LISTEN_FDNAMES every name is unknown", List.of("unknown", "unknown"), ours, "FDS=2"),
                good("one name is one socket", List.of("http"), ours, "FDS=1", "FDNAMES=http"),
                good("names keep their order", List.of("b", "a", "c"), ours, "FDS=3", "FDNAMES=b:a:c"),
                good("names may repeat", List.of("http", "http"), ours, "FDS=2", "FDNAMES=http:http"),
                good("a unit's name is a name", List.of("my-http.socket"), ours, "FDS=1", "FDNAMES=my-http.socket"),
                good("a name keeps its spaces", List.of(" a b "), ours, "FDS=1", "FDNAMES= a b "),
                good("a quoted name keeps its quotes", List.of("\"a\""), ours, "FDS=1", "FDNAMES=\"a\""),
                good("an empty LISTEN_FDNAMES is one empty name", List.of(""), ours, "FDS=1", "FDNAMES="),
                good("a colon alone is two empty names", List.of("", ""), ours, "FDS=2", "FDNAMES=:"),
                good("an empty name in the middle counts", List.of("a", "", "b"), ours, "FDS=3", "FDNAMES=a::b"),
                good("an empty name in front counts", List.of("", "a"), ours, "FDS=2", "FDNAMES=:a"),
                good("a trailing colon makes an empty name", List.of("a", ""), ours, "FDS=2", "FDNAMES=a:"),
                good("a name may have 255 characters", List.of(LONGEST_NAME), ours, "FDS=1", "FDNAMES=" + LONGEST_NAME),
                misnamed("too few names are an error", 3, "has 2 names but LISTEN_FDS=3", ours, "FDS=3", "FDNAMES=a:b"),
                misnamed("one name too few is an error", 2, "has 1 name but", ours, "FDS=2", "FDNAMES=a"),
                misnamed(
                        "too many names are an error", 1, "has 2 names but LISTEN_FDS=1", ours, "FDS=1", "FDNAMES=a:b"),
                misnamed("a trailing colon may be one too many", 1, "has 2 names", ours, "FDS=1", "FDNAMES=a:"),
                misnamed("no name for two is an error", 2, "LISTEN_FDNAMES= has 1 name", ours, "FDS=2", "FDNAMES="));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theEnvironmentIsReadAsSystemdReadsIt(Row row) {
        ListenEnvironment read = ListenEnvironment.read(row.environment, self(OptionalLong.of(PIDFD_ID)));
        assertEquals(row.activated, read.activated(), "activated");
        assertEquals(row.names, read.names());
        if (row.problem.isEmpty()) {
            assertEquals(List.of(), read.problems());
        } else {
            assertEquals(1, read.problems().size(), read.problems()::toString);
            assertTrue(read.problems().get(0).contains(row.problem), read.problems()::toString);
        }
    }

    @Test
    void theLargestCountCostsNoMemory() {
        ListenEnvironment read = ListenEnvironment.read(of("PID=" + PID, "FDS=2147483644"), self(OptionalLong.empty()));
        assertEquals(2147483644, read.names().size());
        assertEquals(List.of(), read.problems());
    }

    @Test
    void aPidfdIdIsIgnoredWhereTheProcessCannotLearnItsOwn() {
        Map<String, String> environment = of("PID=" + PID, "PIDFDID=5", "FDS=1");
        assertEquals(
                List.of("unknown"),
                ListenEnvironment.read(environment, self(OptionalLong.empty())).names());
    }

    @Test
    void aMalformedPidfdIdIsAnErrorWhereTheProcessCannotLearnItsOwnToo() {
        Map<String, String> environment = of("PID=" + PID, "PIDFDID=x", "FDS=1");
        ListenEnvironment read = ListenEnvironment.read(environment, self(OptionalLong.empty()));
        assertTrue(read.activated());
        assertEquals(1, read.problems().size());
    }

    @Test
    void theOwnPidfdIsOpenedOnlyIfItIsAskedFor() {
        Self self = new Self(PID, OptionalLong.empty(), () -> fail("asked for the pidfd"));
        assertTrue(ListenEnvironment.read(of("PID=" + PID, "FDS=1"), self).activated());
        assertEquals(
                List.of(),
                ListenEnvironment.read(of("PID=77", "PIDFDID=5", "FDS=1"), self).names());
    }

    @Test
    void aProcessWithoutAParentThatCanBeSeenIsNotActivatedByAnothersPid() {
        Self orphan = new Self(PID, OptionalLong.empty(), OptionalLong::empty);
        ListenEnvironment read = ListenEnvironment.read(of("PID=" + PARENT, "FDS=1"), orphan);
        assertEquals(new ListenEnvironment(false, List.of(), List.of()), read);
    }

    private static Self self(OptionalLong pidfdId) {
        return new Self(PID, OptionalLong.of(PARENT), () -> pidfdId);
    }
}
