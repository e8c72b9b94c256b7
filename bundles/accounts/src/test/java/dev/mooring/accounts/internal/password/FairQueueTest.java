package dev.mooring.accounts.internal.password;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class FairQueueTest {

    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final List<String> run = new ArrayList<>();
    private final List<String> gaveWay = new ArrayList<>();
    private boolean closed;
    private final FairQueue queue = new FairQueue(
            task -> {
                if (closed) {
                    throw new RejectedExecutionException();
                }
                threads.add(task);
            },
            1,
            4);

    /** Adds a check. The first letter of its name is the network. */
    private void add(String name, boolean known) {
        queue.add(ByteBuffer.wrap(new byte[] {(byte) name.charAt(0)}), known, new FairQueue.Check() {
            @Override
            public void run() {
                run.add(name);
            }

            @Override
            public void drop() {
                gaveWay.add(name);
            }
        });
    }

    private void add(String... names) {
        for (String name : names) {
            add(name, false);
        }
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            assertEquals(1, threads.size(), "one at a time");
            threads.remove().run();
        }
    }

    @Test
    void networksTakeTurns() {
        add("a1", "a2", "a3", "b1");
        runAll();
        assertEquals(List.of("a1", "b1", "a2", "a3"), run);
        add("c1");
        runAll();
        assertEquals("c1", run.get(4));
    }

    @Test
    void knownUserComesFirst() {
        add("a1", "b1");
        add("k1", true);
        runAll();
        assertEquals(List.of("k1", "a1", "b1"), run);
    }

    @Test
    void networkWithTheMostChecksLosesOne() {
        add("a1", "a2", "a3", "b1");
        add("c1");
        add("a4");
        assertEquals(List.of("a3", "a4"), gaveWay);
        runAll();
        assertEquals(List.of("a1", "b1", "c1", "a2"), run);
    }

    @Test
    void oldestCheckIsDroppedIfEachNetworkHasOne() {
        add("a1", "b1", "c1", "d1");
        add("e1");
        assertEquals(List.of("a1"), gaveWay);
        runAll();
        assertEquals(List.of("b1", "c1", "d1", "e1"), run);
    }

    @Test
    void knownUserIsNeverDroppedForAnUnknownOne() {
        for (String name : List.of("a1", "b1", "c1", "d1")) {
            add(name, true);
        }
        add("e1");
        assertEquals(List.of("e1"), gaveWay);
        add("a2", true);
        assertEquals(List.of("e1", "a1"), gaveWay);
    }

    @Test
    void waitingChecksAreDroppedWhenThereAreNoThreads() {
        add("a1", "b1");
        closed = true;
        threads.remove().run();
        assertEquals(List.of("a1"), run);
        assertEquals(List.of("b1"), gaveWay);
        add("c1");
        assertEquals(List.of("b1", "c1"), gaveWay);
        assertEquals(0, queue.size());
    }
}
