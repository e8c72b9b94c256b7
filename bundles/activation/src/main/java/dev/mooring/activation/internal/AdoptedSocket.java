package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.OwnedDescriptor;
import dev.mooring.activation.WrongKindException;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
import dev.mooring.activation.internal.descriptor.JdkDescriptors;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A named descriptor, which makes duplicates.
 *
 * @param opened receives every duplicate, to close those that are left open; closes a duplicate at once after the release of the service
 */
record AdoptedSocket(
        String name,
        int descriptor,
        Description description,
        Origin origin,
        Descriptors descriptors,
        Consumer<Channel> opened)
        implements NamedSocket {

    AdoptedSocket(String name, int descriptor, Description description, Origin origin, Descriptors descriptors) {
        this(name, descriptor, description, origin, descriptors, duplicate -> {});
    }

    AdoptedSocket tracked(Consumer<Channel> tracker) {
        return new AdoptedSocket(name, descriptor, description, origin, descriptors, tracker);
    }

    /** Written by hand, because the JVM generates the method of a record at its first call, which takes time. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof AdoptedSocket that
                        && descriptor == that.descriptor
                        && opened == that.opened
                        && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return descriptor;
    }

    @Override
    public Family family() {
        return description.family();
    }

    @Override
    public Type type() {
        return description.type();
    }

    @Override
    public boolean listening() {
        return description.listening();
    }

    @Override
    public @Nullable String address() {
        return description.address();
    }

    @Override
    public long port() {
        return description.port();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return description.localAddress();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        if (!description.isStream() || !description.listening()) {
            throw wrongKind(
                    "a listening stream socket",
                    description.connected()
                            ? "set Accept=no in its .socket unit"
                            : "set ListenStream= in its .socket unit");
        }
        return opened(() -> descriptors.serverSocketChannel(descriptor, description));
    }

    @Override
    public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(@Nullable AsynchronousChannelGroup group)
            throws IOException {
        if (!description.isStream() || !description.listening() || !description.isInternet()) {
            throw wrongKind(
                    "a listening TCP socket",
                    family() == Family.UNIX && listening()
                            ? "the JDK has no asynchronous unix channel: open a ServerSocketChannel"
                            : "set ListenStream= to a port in its .socket unit");
        }
        return opened(() -> descriptors.asynchronousServerSocketChannel(descriptor, description, group));
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        if (!description.isStream() || !description.connected()) {
            throw wrongKind(
                    "a connected stream socket",
                    description.listening()
                            ? "open a ServerSocketChannel and accept, or set Accept=yes in its .socket unit"
                            : "set ListenStream= and Accept=yes in its .socket unit");
        }
        return opened(() -> descriptors.socketChannel(descriptor, description));
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        if (type() != Type.DATAGRAM || !description.isInternet()) {
            throw wrongKind("a UDP socket", "set ListenDatagram= to a port in its .socket unit");
        }
        return opened(() -> descriptors.datagramChannel(descriptor, description));
    }

    @Override
    public OwnedDescriptor openDescriptor() throws IOException {
        return opened(this::duplicate);
    }

    @Override
    public void replaceListener(SocketAddress bound) throws IOException {
        if (!description.isStream() || !description.listening() || !description.isInternet()) {
            throw wrongKind("a listening TCP socket", "set ListenStream= to a port in its .socket unit");
        }
        descriptors.replaceListener(bound, descriptor);
    }

    private Duplicate duplicate() throws IOException {
        Duplicate duplicate = new Duplicate(descriptors, descriptors.duplicate(descriptor));
        try {
            if (family() != Family.NONE) {
                descriptors.nonBlocking(duplicate.number());
            }
            return duplicate;
        } catch (IOException e) {
            duplicate.close();
            throw e;
        }
    }

    @FunctionalInterface
    private interface Opening<C> {
        C open() throws IOException;
    }

    private <C extends Channel> C opened(Opening<C> opening) throws IOException {
        C duplicate;
        try {
            duplicate = opening.open();
        } catch (UnsupportedOperationException e) {
            throw new IOException(
                    "fd " + descriptor + " (socket '" + name + "') cannot become a channel, because " + e.getMessage()
                            + "; allow its family in RestrictAddressFamilies=, or start java with "
                            + JdkDescriptors.FLAG,
                    e);
        }
        opened.accept(duplicate);
        if (!duplicate.isOpen()) {
            throw new IOException("fd " + descriptor + " (socket '" + name
                    + "') was released, so it cannot be opened; get the service again");
        }
        return duplicate;
    }

    private WrongKindException wrongKind(String wanted, String remedyForTheUnit) {
        boolean foreign = family() != Family.NONE && !description.isInternet() && !description.isStream();
        String remedy = foreign ? "the JDK has no channel for it: open the bare descriptor" : remedyForTheUnit;
        return new WrongKindException("fd " + descriptor + " (socket '" + name + "') is " + description.words()
                + ", not " + wanted + "; " + remedy);
    }

    @Override
    public String toString() {
        String where = description.where();
        return "'" + name + "' (fd " + descriptor + ", " + description.words().replaceFirst("^an? ", "")
                + (where.isEmpty() ? "" : " " + where) + ")";
    }

    /** A bare duplicate. */
    private static final class Duplicate implements OwnedDescriptor, Channel {

        private final Descriptors descriptors;
        private int number;

        Duplicate(Descriptors descriptors, int number) {
            this.descriptors = descriptors;
            this.number = number;
        }

        @Override
        public synchronized int number() {
            if (number < 0) {
                throw new IllegalStateException("The descriptor was closed or released; open another one");
            }
            return number;
        }

        @Override
        public synchronized int release() {
            int released = number();
            number = -1;
            return released;
        }

        @Override
        public synchronized boolean isOpen() {
            return number >= 0;
        }

        @Override
        public synchronized void close() throws IOException {
            if (isOpen()) {
                descriptors.close(release());
            }
        }
    }
}
