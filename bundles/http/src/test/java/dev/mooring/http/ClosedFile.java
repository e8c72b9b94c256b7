package dev.mooring.http;

import dev.mooring.share.OpenFile;
import java.lang.reflect.Proxy;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.CountDownLatch;

/** Detects when a file is closed. */
final class ClosedFile {

    private ClosedFile() {}

    /** Returns the same file, which counts down when it is closed. */
    static OpenFile watch(OpenFile file, CountDownLatch closed) {
        return new OpenFile(file.entry(), (SeekableByteChannel) Proxy.newProxyInstance(
                ClosedFile.class.getClassLoader(),
                new Class<?>[] {SeekableByteChannel.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        closed.countDown();
                    }
                    return method.invoke(file.channel(), arguments);
                }));
    }
}
