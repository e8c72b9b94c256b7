package dev.mooring.protocol;

/**
 * The limits of a {@link SocketServer} for simultaneous connections. A connection is <em>pending</em> until its client has logged in or, over
 * HTTP, has sent a request.
 *
 * <p>An IPv6 address stands for its /64. Unix sockets have no addresses, so the limits per address do not apply to them.
 *
 * @param connections the limit of all connections
 * @param perAddress the limit of connections from one address
 * @param pending the limit of pending connections
 * @param pendingPerAddress the limit of pending connections from one address
 */
public record Limits(int connections, int perAddress, int pending, int pendingPerAddress) {

    /** Lets everybody in. */
    static final Limits NONE = new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public Limits {
        if (Math.min(Math.min(connections, perAddress), Math.min(pending, pendingPerAddress)) < 1) {
            throw new IllegalArgumentException("A limit of less than 1 lets nobody in");
        }
    }

    /**
     * Lowers the limits to the resources of this process. The connections of one server may take a quarter of the descriptors and a quarter of the
     * heap.
     *
     * @param heapEach the bytes of heap that a connection takes
     * @return these limits, or lower ones
     */
    Limits fitted(int heapEach) {
        long room = Math.min(ProcessDescriptors.LIMIT / 4, Runtime.getRuntime().maxMemory() / 4 / heapEach);
        int most = (int) Math.max(1, Math.min(connections, room));
        int mostPending = scaled(pending, most, connections);
        return new Limits(
                most,
                scaled(perAddress, most, connections),
                mostPending,
                scaled(pendingPerAddress, mostPending, pending));
    }

    private static int scaled(int limit, int room, int wanted) {
        return Math.max(1, (int) ((long) limit * room / wanted));
    }
}
