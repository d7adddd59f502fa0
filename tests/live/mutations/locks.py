"""Mutations of what is locked over a copy to or from user memory, and of what must not be."""

from mutations.mutation import Mutation

WATCHED = ("watched",)
SOCKETS = ("sockets",)
HELD = ("held-files",)

MUTATIONS = [
    Mutation("kernel/watch.c", "whose fault is told waits where it faulted", "    if (watch->holding)\n", "    if (true)\n", WATCHED),
    Mutation("kernel/watch.c", "a program whose lines nobody reads goes on", "(process->watch->unseen > 0 || lines_are_crowded(&process->watch->lines))", "process->watch->unseen > 0", WATCHED),
    Mutation("kernel/watch.c", "one go lets a call's other faults go too", "watch->unseen -= watch->unseen > 0;", "watch->unseen = 0;", WATCHED),
    Mutation("kernel/lines.c", "what is lost is not told", "    if (lines->lost &&\n", "    if (false && lines->lost &&\n", WATCHED),
    Mutation("kernel/lines.c", "lines are kept without end", "lines->sheets == SHEETS_MOST || ", "", WATCHED),
    Mutation("kernel/socketpair.c", "a socket's writev is several writes", "    .write_begin = socket_write_begin,\n    .write_part = socket_write_part,\n    .write_end = socket_write_end,\n", "", HELD),
    Mutation("kernel/socketpair.c", "a socket's readv is several reads", "    .read_begin = socket_read_begin,\n    .read_part = socket_read_part,\n    .read_end = socket_read_end,\n", "", HELD),
    Mutation("kernel/pipe.c", "who waits is not told that a pipe is shut", "    pipe->readers = pipe->writers = 0;\n    pipe_ends_changed(pipe);\n", "    pipe->readers = pipe->writers = 0;\n", SOCKETS),
    Mutation("kernel/pipe.c", "of a small write that fails a part comes through", "    if (done && !atomic)\n", "    if (done)\n", SOCKETS),
    Mutation("kernel/pipe.c", "a small write that fails is not taken back", "    pipe->length -= done;\n    return -EFAULT;", "    return -EFAULT;", SOCKETS),
    Mutation("kernel/linux/poll.c", "events that cannot be copied are lost", "    if (missed)\n        epoll_untell(set, look, given);\n", "    (void)look, (void)set;\n", ("epoll",)),
    Mutation("kernel/linux/poll.c", "events that were copied are not told of", "    return given ? (long)given : -EFAULT;", "    return missed ? -EFAULT : (long)given;", ("epoll",)),
    Mutation("kernel/epoll.c", "any number of ways leads up to sets", "    if (!ways_are_few(file)) {\n", "    if (false && !ways_are_few(file)) {\n", ("epoll",)),
    Mutation("kernel/epoll.c", "a one-shot that could not be told is over", "        entry->event.events = entry->events_before;\n", "", ("epoll",)),
    Mutation("kernel/linux/copy.c", "sendfile lets nobody run", "        thread_breathe();\n", "", ("long-calls",)),
]
