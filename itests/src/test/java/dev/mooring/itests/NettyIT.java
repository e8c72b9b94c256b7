package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A native transport adopts a bare descriptor. */
class NettyIT {

    @Test
    void anEpollChannelServesABareDescriptor(@TempDir Path directory) throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "Netty's epoll library exists only for x86_64");
        List<Path> classPath = new ArrayList<>(List.of(Jars.testClasses(), Jars.of("dev.mooring.activation")));
        classPath.addAll(Jars.startingWith("netty-"));
        String joined = classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        Path path = directory.resolve("unix");
        try (ActivatedProcess server = ActivatedProcess.with("tcp=tcp6", "unix=unix:" + path)
                .start(Jdk.RUNNING.java(), Felix.OPENED, "-cp", joined, "dev.mooring.itests.netty.EchoServer")) {
            server.awaitLine("= ready");
            for (String line : List.of("one", "two")) {
                try (Client tcp = Client.says("::1", server.port("tcp"), line);
                        Client unix = Client.says(UnixDomainSocketAddress.of(path), line)) {
                    assertEquals("echo " + line, tcp.hears());
                    assertEquals("echo " + line, unix.hears());
                }
            }
        }
    }
}
