package dev.mooring.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7,           192.0.2.7,         true",
        "192.0.2.7,           192.0.2.6,         false",
        "192.0.2.0/24,        192.0.2.255,       true",
        "192.0.2.0/24,        192.0.3.0,         false",
        "192.0.2.128/25,      192.0.2.127,       false",
        "0.0.0.0/0,           198.51.100.1,      true",
        "0.0.0.0/0,           2001:db8::1,       false",
        "2001:db8::/33,       2001:db8:7fff::1,  true",
        "2001:db8::/33,       2001:db8:8000::1,  false",
        "2001:DB8::1,         2001:db8:0::1,     true",
        "::ffff:192.0.2.7,    192.0.2.7,         true",
        "192.0.2.7,           ::ffff:192.0.2.7,  true",
    })
    void rangeContainsTheAddressesOfItsNetwork(String range, String address, boolean contained)
            throws UnknownHostException {
        assertEquals(contained, AddressRange.of(range).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "192.0.2",
                "192.0.2.256",
                "192.0.2.07",
                "192.0.2.7.",
                " 192.0.2.7",
                "2001:db8",
                "2001:db8:::1",
                "192.0.2.7/",
                "192.0.2.0/-1",
                "fe80::1%lo",
            })
    void textThatIsNoAddressIsRefused(String text) {
        assertEquals(
                "is not an IP address",
                assertThrows(IllegalArgumentException.class, () -> AddressRange.of(text))
                        .getMessage());
    }

    @Test
    void maskMustFitTheAddress() {
        assertEquals(
                "has a mask that is longer than its address",
                assertThrows(IllegalArgumentException.class, () -> AddressRange.of("192.0.2.0/33"))
                        .getMessage());
        assertEquals(
                "has bits outside its mask",
                assertThrows(IllegalArgumentException.class, () -> AddressRange.of("192.0.2.1/31"))
                        .getMessage());
    }
}
