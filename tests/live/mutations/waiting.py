"""Mutations of who waits for what, and what becomes of them."""

from mutations.mutation import Mutation

ROUNDS = ("change-rounds",)

MUTATIONS = [
    Mutation("mm/change.h", "who ends a change begins the next", "space->changing || space->serving", "space->changing", ROUNDS),
    Mutation("mm/more/change.c", "who comes later begins before", "while (space->changing || round != space->round)", "while (space->changing)", ROUNDS),
    Mutation("mm/more/change.c", "a round that has been served lets nobody in", "    else if (--space->served == 0)\n        round_begin(space);\n", "    else\n        --space->served;\n", ROUNDS),
    Mutation("mm/more/change.c", "the next round is let in and not told", "    if (space->serving)\n        above_wake(&space->round);\n}", "}", ROUNDS),
    Mutation("mm/more/change.c", "who waits when a change ends is of no round", "    else\n        round_begin(space);\n", "", ROUNDS),
    Mutation("mm/more/change.c", "who is being served is not told of an end", "    if (space->serving)\n        above_wake(&space->round);\n    else\n", "    if (!space->serving)\n", ROUNDS),
]
