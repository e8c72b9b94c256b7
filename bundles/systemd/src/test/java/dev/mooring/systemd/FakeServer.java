package dev.mooring.systemd;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ProtocolServer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A server that says what it is told to say. */
public final class FakeServer implements ProtocolServer {

    public volatile List<NamedSocket> sockets;
    public volatile long connections;
    public volatile long transfers;
    public volatile long bytes;
    public volatile long proxyErrors;
    public volatile boolean draining;
    public volatile boolean rehearsing;
    public volatile @Nullable String problem;
    public volatile LongSupplier clock = System::nanoTime;
    public volatile long left = System.nanoTime();

    private final String name;

    public FakeServer(String name, NamedSocket... sockets) {
        this.name = name;
        this.sockets = List.of(sockets);
    }

    public FakeServer connected(long count) {
        connections = count;
        return this;
    }

    public FakeServer drains() {
        draining = true;
        sockets = List.of();
        return this;
    }

    @Override
    public boolean rehearsing() {
        return rehearsing;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String protocol() {
        return "http";
    }

    @Override
    public List<NamedSocket> sockets() {
        return sockets;
    }

    @Override
    public long connections() {
        return connections;
    }

    @Override
    public Duration idle() {
        return connections > 0 ? Duration.ZERO : Duration.ofNanos(clock.getAsLong() - left);
    }

    @Override
    public long transfers() {
        return transfers;
    }

    @Override
    public boolean draining() {
        return draining;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long proxyErrors() {
        return proxyErrors;
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }
}
