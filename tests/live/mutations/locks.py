"""Mutations of what is locked over a copy to or from user memory, and of what must not be."""

from mutations.mutation import Mutation

WATCHED = ("watched",)

MUTATIONS = [
    Mutation("kernel/watch.c", "whose fault is told waits where it faulted", "    if (watch->holding)\n", "    if (true)\n", WATCHED),
    Mutation("kernel/watch.c", "a program whose lines nobody reads goes on", "(process->watch->unseen > 0 || lines_are_crowded(&process->watch->lines))", "process->watch->unseen > 0", WATCHED),
    Mutation("kernel/watch.c", "one go lets a call's other faults go too", "watch->unseen -= watch->unseen > 0;", "watch->unseen = 0;", WATCHED),
    Mutation("kernel/lines.c", "what is lost is not told", "    if (lines->lost &&\n", "    if (false && lines->lost &&\n", WATCHED),
    Mutation("kernel/lines.c", "lines are kept without end", "lines->sheets == SHEETS_MOST || ", "", WATCHED),
]
