package dev.mooring.ftp.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CommandQueueTest {

    private static final int CAPACITY = 3;

    /** The commands and rests that were run, in order. */
    private final List<String> done = new ArrayList<>();

    /** The submitted tasks, which the test runs. */
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    /** The verdict that the command "slow" waits for. */
    private CompletableFuture<String> verdict = new CompletableFuture<>();

    private final CommandQueue<String> queue = new CommandQueue<>(tasks::add, CAPACITY, command -> {
        done.add(command);
        return command.equals("slow") ? verdict.thenApply(text -> () -> done.add(text)) : null;
    });

    private void add(String... commands) {
        for (String command : commands) {
            assertTrue(queue.add(command));
        }
    }

    /** Runs tasks until none is left. There must never be more than one. */
    private void run() {
        while (!tasks.isEmpty()) {
            assertEquals(1, tasks.size(), "the queue has forked");
            tasks.poll().run();
        }
    }

    @Test
    void commandsAreExecutedInOrderByOneTask() {
        add("a", "b", "c");
        assertEquals(1, tasks.size());
        run();
        add("d");
        run();
        assertEquals(List.of("a", "b", "c", "d"), done);
    }

    @Test
    void nextCommandStartsAfterTheRestOfThePreviousOne() {
        add("slow", "b");
        run();
        assertEquals(List.of("slow"), done);
        add("c");
        assertEquals(0, tasks.size());
        verdict.complete("verdict");
        run();
        assertEquals(List.of("slow", "verdict", "b", "c"), done);
    }

    @Test
    void queueDoesNotForkIfTheRestIsAlreadyComplete() {
        verdict.complete("verdict");
        add("slow", "b");
        run();
        assertEquals(List.of("slow", "verdict", "b"), done);
    }

    @Test
    void queueDoesNotForkIfTheRestCompletesDuringACall() {
        // The stage completes and its dependents run before any call of the queue on it returns.
        verdict = new CompletableFuture<>() {
            @Override
            public <U> CompletableFuture<U> newIncompleteFuture() {
                return new CompletableFuture<>() {
                    @Override
                    public CompletableFuture<Void> thenAccept(Consumer<? super U> action) {
                        CompletableFuture<Void> dependent = super.thenAccept(action);
                        verdict.complete("verdict");
                        Runnable rest = tasks.poll();
                        if (rest != null) {
                            rest.run();
                        }
                        return dependent;
                    }
                };
            }
        };
        add("slow", "b", "c");
        run();
        assertEquals(List.of("slow", "verdict", "b", "c"), done);
    }

    @Test
    void tooManyCommandsAreRefused() {
        add("a", "b", "c");
        assertFalse(queue.add("d"));
        run();
        add("e");
        run();
        assertEquals(List.of("a", "b", "c", "e"), done);
    }

    @Test
    void idleQueueFinishesAtOnceWhenClosed() {
        queue.close(() -> done.add("bye"));
        assertEquals(List.of("bye"), done);
        queue.close(() -> done.add("bye again"));
        add("a");
        run();
        assertEquals(List.of("bye"), done);
        assertTrue(queue.isClosed());
    }

    @Test
    void busyQueueFinishesAfterTheCurrentCommandAndDiscardsTheOthersWhenClosed() {
        add("slow", "b");
        run();
        queue.closeIfIdle(() -> true, () -> done.add("idle"));
        assertFalse(queue.isClosed());
        queue.close(() -> done.add("bye"));
        add("c");
        assertEquals(List.of("slow"), done);
        verdict.complete("verdict");
        run();
        assertEquals(List.of("slow", "verdict", "bye"), done);
    }

    @Test
    void queueWithAWaitingCommandIsNotIdle() {
        add("a");
        queue.closeIfIdle(() -> true, () -> done.add("idle"));
        run();
        queue.closeIfIdle(() -> true, () -> done.add("idle"));
        assertEquals(List.of("a", "idle"), done);
    }

    @Test
    void queueNeverHasTwoOwners() throws Exception {
        int count = Boolean.getBoolean("mooring.long") ? 2_000_000 : 50_000;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        int[] unguarded = new int[1];
        CountDownLatch all = new CountDownLatch(count);
        Runnable work = () -> {
            if (inside.getAndIncrement() > 0) {
                overlaps.incrementAndGet();
            }
            unguarded[0]++;
            inside.decrementAndGet();
        };
        CommandQueue<Integer> busy = new CommandQueue<>(threads, count, number -> {
            work.run();
            all.countDown();
            return number % 3 == 0 ? CompletableFuture.supplyAsync(() -> work, threads) : null;
        });
        try {
            for (int i = 1; i <= count; i++) {
                assertTrue(busy.add(i));
            }
            assertTrue(all.await(60, TimeUnit.SECONDS));
            CountDownLatch end = new CountDownLatch(1);
            busy.close(end::countDown);
            assertTrue(end.await(60, TimeUnit.SECONDS));
        } finally {
            threads.shutdown();
        }
        assertEquals(0, overlaps.get());
        assertEquals(count + count / 3, unguarded[0]);
    }
}
