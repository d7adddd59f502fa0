"""Mutations of who waits for what, and what becomes of them."""

from mutations.mutation import Mutation

ROUNDS = ("change-rounds",)
LET_GO = ("let-go",)

MUTATIONS = [
    Mutation("mm/address_spaces/change.h", "who ends a change begins the next", "space->changing || space->serving", "space->changing", ROUNDS),
    Mutation("mm/address_spaces/change.c", "who comes later begins before", "while (space->changing || round != space->round)", "while (space->changing)", ROUNDS),
    Mutation("mm/address_spaces/change.c", "a round that has been served lets nobody in", "    else if (--space->served == 0)\n        round_begin(space);\n", "    else\n        --space->served;\n", ROUNDS),
    Mutation("mm/address_spaces/change.c", "the next round is let in and not told", "    if (space->serving)\n        above_wake(&space->round);\n}", "}", ROUNDS),
    Mutation("mm/address_spaces/change.c", "who waits when a change ends is of no round", "    else\n        round_begin(space);\n", "", ROUNDS),
    Mutation("mm/address_spaces/change.c", "who is being served is not told of an end", "    if (space->serving)\n        above_wake(&space->round);\n    else\n", "    if (!space->serving)\n", ROUNDS),
    Mutation("kernel/thrashing/sampling.c", "a process of any size is sampled by an interrupt", "    if (process->space->table.frames > *tables) {\n", "    if (false) {\n", ("tests/test_turns.py",)),
    Mutation("kernel/exception.c", "who is to take a sample does not", "    if (process_current()->sample_due)\n        sampling_sample();\n", "", ("working-set",)),
    Mutation("kernel/signal/signal.c", "another signal's end is a frame that was lost", "    if (signal_fatal(current))\n        thread_set_work(current);\n    else\n", "", ("altstack",)),
    Mutation("kernel/process/exit.c", "an exec that a signal breaks off ends by another", "process->ending || signal_fatal(current)", "process->ending", ("exec-killed",)),
    Mutation("kernel/process/futex.c", "zeroes that nobody can write are waited for", "    if (!region->object)\n        return true;\n", "    if (!region->object)\n        return false;\n", ("futex",)),
    Mutation("kernel/linux/poll.c", "the mask comes back before the handler runs", "|| result == -EINTR)", "|| false)", LET_GO),
    Mutation("kernel/file/file_lock.c", "who waits is not told that the owner has ended", "    }\n    thread_wake(&inode->locks);\n}\n", "    }\n}\n", LET_GO),
    Mutation("kernel/process/directories.c", "a child has no umask", "from->current, from->umask);", "from->current, 0);", LET_GO),
    Mutation("kernel/file/pipe.c", "a reader that has gone is not told to writers", "    pipe_note(pipe, true, pipe_room(pipe) >= PIPE_ATOMIC);\n    if (pipe->sleepers)\n        thread_wake(pipe);", "    pipe_note(pipe, true, pipe_room(pipe) >= PIPE_ATOMIC);", LET_GO),
    Mutation("kernel/process/exec.c", "segments nobody has any more stay after exec", "    segments_collect();\n", "", LET_GO),
    Mutation("kernel/file/pipe.c", "who waits for room is not told of a larger pipe", "    pipe->changed = true; /* whoever waits for room looks again */\n", "", LET_GO),
    Mutation("kernel/process/exit.c", "an orphan's end is told as its parent had wanted", "        child->exit_signal = SIGCHLD; /* what its parent had wanted is not for others */\n", "", ("wait",)),
    Mutation("kernel/process/exit.c", "who leaves is told of the process's signals", "    current->signals_blocked = UINT64_MAX;\n", "", ("held-ends",)),
    Mutation("kernel/exception.c", "what was taken of the reserve is not paid back", "    debt_pay();\n    if", "    (void)debt_pay;\n    if", ("--ram 20M --swap 128M --swap-latency 5000 reserve",)),
    Mutation("kernel/file/epoll.c", "room in an inner set is no news", "events_news(entry->file, entry->event.events & EVENTS);", "events_news(entry->file, entry->event.events & EVENTS & ~ROOM);", ("epoll",)),
    Mutation("kernel/file/epoll.c", "bytes are news to who waits for room", "events_news(entry->file, ready);", "events_news(entry->file, ready | POLLIN);", ("epoll",)),
    Mutation("kernel/file/epoll.c", "what a set is asked for is no news of it", "        epoll->asked_at = poll_changes;\n", "        ;\n", ("epoll",)),
    Mutation("kernel/file/pipe.c", "a larger pipe is no news", "        pipe_note(pipe, true, pipe_room(pipe) >= PIPE_ATOMIC);\n        pipe->capacity", "        pipe->capacity", ("epoll",)),
    Mutation("kernel/file/epoll.c", "what a look found before a change is told with the new name", "        entry->ready = 0; /* for whoever is looking: what it found was asked for before */\n", "", ("epoll",)),
    Mutation("kernel/file/epoll.c", "what went is not forgotten", "    entry->told &= ready;\n", "", ("epoll", "events")),
    Mutation("kernel/process/exit.c", "nobody hears of its parent's end", "        if (child->death_signal && child->state == PROCESS_ALIVE)\n            signal_send(child, child->death_signal, SI_USER, process->id);\n", "", ("wait",)),
    Mutation("kernel/file/timerfd.c", "who does not wait waits for a timer", "        if (file->flags & O_NONBLOCK)\n            return -EAGAIN;\n        int error = thread_sleep(timer", "        int error = thread_sleep(timer", ("events",)),
    Mutation("kernel/file/timerfd.c", "timers of files ring as often as they are set to", "timer->interval && timer->when < soonest ? soonest : timer->when", "timer->when", ("timer-storm",)),
    Mutation("kernel/linux/timers.c", "any number of timers can be made", "bool room = signal_queue_has_room(process_current());", "bool room = true;", ("limit-count",)),
    Mutation("kernel/file/pipe.c", "a pipe has an end that neither reads nor writes", "    if (!reads && !writes) /* access mode 3: it would be no end of the pipe at all */\n        return -EINVAL;\n", "", ("odd-calls",)),
]
