package dev.mooring.sftp.internal;

import dev.mooring.protocol.ClientConnection;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** As much of an asynchronous channel as SSHD uses, over a socket of any family. It has no time-outs; sessions have. */
final class PolledChannel extends AsynchronousSocketChannel {

    /** As in the JDK: an operation that is done at once completes on its caller's thread, but not without an end. */
    private static final int DEEPEST = 16;

    private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

    private final ClientConnection client;
    private final SocketChannel channel;
    private final Poller poller;
    private final AtomicReference<@Nullable Runnable> reading = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> writing = new AtomicReference<>();

    private interface Operation {
        int attempt() throws IOException;
    }

    PolledChannel(ClientConnection client, Poller poller) {
        super(null);
        this.client = client;
        this.poller = poller;
        channel = client.channel();
    }

    ClientConnection client() {
        return client;
    }

    @Override
    public <A> void read(
            ByteBuffer buffer,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        attempt(reading, SelectionKey.OP_READ, () -> channel.read(buffer), attachment, handler);
    }

    @Override
    public <A> void write(
            ByteBuffer buffer,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        attempt(writing, SelectionKey.OP_WRITE, () -> channel.write(buffer), attachment, handler);
    }

    private <A> void attempt(
            AtomicReference<@Nullable Runnable> waiting,
            int kind,
            Operation operation,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        int result;
        try {
            result = operation.attempt();
        } catch (IOException e) {
            poller.execute(() -> handler.failed(e, attachment));
            return;
        }
        if (result == 0) {
            waiting.set(() -> attempt(waiting, kind, operation, attachment, handler));
            poller.await(channel, kind, this::ready);
        } else {
            complete(() -> handler.completed(result, attachment));
        }
    }

    private void complete(Runnable completion) {
        int[] depth = DEPTH.get();
        if (depth[0] == DEEPEST) {
            poller.execute(completion);
            return;
        }
        depth[0]++;
        try {
            completion.run();
        } finally {
            depth[0]--;
        }
    }

    private void ready(int operations) {
        if ((operations & SelectionKey.OP_READ) != 0) {
            proceed(reading);
        }
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            proceed(writing);
        }
    }

    private void proceed(AtomicReference<@Nullable Runnable> waiting) {
        Runnable attempt = waiting.getAndSet(null);
        if (attempt != null) {
            poller.execute(attempt);
        }
    }

    /** What waits fails, since the channel is closed. */
    @Override
    public void close() {
        client.close();
        poller.release();
        proceed(reading);
        proceed(writing);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public SocketAddress getRemoteAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        channel.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return channel.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return channel.supportedOptions();
    }

    @Override
    public AsynchronousSocketChannel shutdownInput() throws IOException {
        channel.shutdownInput();
        return this;
    }

    @Override
    public AsynchronousSocketChannel shutdownOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("A server's connection is read and written with handlers");
    }

    @Override
    public Future<Integer> write(ByteBuffer buffer) {
        throw unused();
    }

    @Override
    public Future<Integer> read(ByteBuffer buffer) {
        throw unused();
    }

    @Override
    public AsynchronousSocketChannel bind(SocketAddress local) {
        throw unused();
    }

    @Override
    public <A> void connect(SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        throw unused();
    }

    @Override
    public Future<Void> connect(SocketAddress remote) {
        throw unused();
    }

    @Override
    public <A> void read(
            ByteBuffer[] buffers,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        throw unused();
    }

    @Override
    public <A> void write(
            ByteBuffer[] buffers,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        throw unused();
    }
}
