"""Mutations of what is locked in memory: mlock and its relatives, and what grows while it is."""

from mutations.mutation import Mutation

LOCKED = ("map-flags",)

MUTATIONS = [
    Mutation("kernel/linux/memory.c", "brk under mlockall brings nothing in", "    if (process->locks_future && PAGE_ROUND_UP(end)", "    if (false && PAGE_ROUND_UP(end)", LOCKED),
    Mutation("kernel/linux/memory.c", "mremap of locked memory brings nothing in", "        region.wired)\n        space_populate", "        false)\n        space_populate", LOCKED),
    Mutation("kernel/linux/memory.c", "MCL_ONFAULT brings everything in", "(flags & MCL_FUTURE) && !(flags & MCL_ONFAULT)", "(flags & MCL_FUTURE)", LOCKED),
]
