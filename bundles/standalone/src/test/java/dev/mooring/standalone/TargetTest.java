package dev.mooring.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.FrameworkUtil;

class TargetTest {

    private static final Map<String, Object> SOCKET =
            Map.of("socket.name", "http", "socket.fd", 3, "socket.listening", true);

    @ParameterizedTest
    @CsvSource({
        "(socket.name=http)",
        "( Socket.Name =http)",
        "(socket.name=ftp)",
        "(socket.name=htt*)",
        "(socket.fd=3)",
        "(socket.listening=true)",
        "(socket.port=80)",
        "(socket.name=*)",
        "(&(socket.name=http)(socket.fd>=3))",
        "(|(socket.name=x)(!(socket.fd=3)))",
        "(socket.name=\\68ttp)",
    })
    void matchesAsTheFiltersOfAFrameworkDo(String filter) throws Exception {
        assertEquals(
                FrameworkUtil.createFilter(filter).match(FrameworkUtil.asDictionary(SOCKET)),
                Target.of("sockets.target", filter).matches(SOCKET));
    }

    @Test
    void noFilterIsForEverything() {
        assertTrue(Target.of("sockets.target", " ").matches(SOCKET));
    }

    @Test
    void aPlainFilterTakesNothingOfOsgi() {
        assertTrue(!(Target.of("sockets.target", "(socket.name=http)") instanceof LdapFilter));
        assertInstanceOf(LdapFilter.class, Target.of("sockets.target", "(!(socket.name=http))"));
    }

    @ParameterizedTest
    @CsvSource({"socket.name=http", "(=http)", "(socket.name)", "((socket.name=http)"})
    void whatIsNoFilterIsRefused(String filter) {
        assertEquals(
                "sockets.target = '" + filter + "' is no filter; write one like (socket.name=http)",
                assertThrows(IllegalArgumentException.class, () -> Target.of("sockets.target", filter))
                        .getMessage());
    }
}
