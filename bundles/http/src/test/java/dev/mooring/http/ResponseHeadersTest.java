package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.http.Client.Answer;
import dev.mooring.http.HttpSettings.Header;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseHeadersTest {

    @TempDir
    Path root;

    @Test
    void everyResponseHasTheHeadersInsteadOfTheServersOwn() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
        try (RandomAccessFile big = new RandomAccessFile(root.resolve("big").toFile(), "rw")) {
            big.setLength(3 << 20);
        }
        HttpSettings settings = HttpSettings.builder()
                .responseHeaders(List.of(
                        Header.of("X-Frame-Options: DENY"),
                        Header.of("content-security-policy:default-src 'self'"),
                        Header.of("Link: </a>; rel=preload"),
                        Header.of("Link: </b>; rel=preload")))
                .build();
        try (TestServer server = new TestServer(root, settings)) {
            String tag = server.client().get("/hello.txt").header("ETag");
            for (Answer answer : List.of(
                    server.client().get("/hello.txt"),
                    server.client().head("/hello.txt"),
                    server.client().get("/hello.txt", "If-None-Match: " + tag),
                    server.client().get("/hello.txt", "Range: bytes=0-1"),
                    server.client().get("/big"),
                    server.client().get("/"),
                    server.client().get("/?download=zip"),
                    server.client().get("/none"),
                    server.client().send("OPTIONS", "/"))) {
                assertEquals("DENY", answer.header("X-Frame-Options"), () -> answer.headers()
                        .toString());
                assertEquals("default-src 'self'", answer.header("Content-Security-Policy"));
                assertEquals("</a>; rel=preload, </b>; rel=preload", answer.header("Link"));
            }
        }
    }

    /** 7,000 bytes exceed the initial buffers of requests and responses. */
    @Test
    void longHeadersWorkInBothDirections() throws IOException {
        TestServer.write(root.resolve("hello.txt"), "hello");
        String value = "x".repeat(7000);
        HttpSettings settings = HttpSettings.builder()
                .responseHeaders(List.of(Header.of("X-Long: " + value)))
                .build();
        try (TestServer server = new TestServer(root, settings)) {
            Answer answer = server.client().get("/hello.txt", "X-Long: " + value, "Range: bytes=1-2");
            assertEquals(value, answer.header("X-Long"));
            assertEquals("el", answer.text(), "the server ignores the last header");
        }
    }
}
