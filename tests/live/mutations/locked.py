"""Mutations of what is locked in memory: mlock and its relatives, and what grows while it is."""

from mutations.mutation import Mutation

LOCKED = ("map-flags",)
BESIDE = ("heap-beside",)

MUTATIONS = [
    Mutation("kernel/linux/memory.c", "brk under mlockall brings nothing in", "    if (process->locks_future && now > before)", "    if (false && now > before)", LOCKED),
    Mutation("kernel/linux/memory.c", "brk under mlockall begins where the heap ended before the call", "    struct heap_ends ends = space_heap(process->space, wanted);\n    uint64_t before = PAGE_ROUND_UP(ends.before)", "    uint64_t old = process->space->heap_end;\n    struct heap_ends ends = space_heap(process->space, wanted);\n    uint64_t before = PAGE_ROUND_UP(old)", BESIDE),
    Mutation("kernel/linux/memory.c", "mremap of locked memory brings nothing in", "        region.wired)\n        space_populate", "        false)\n        space_populate", LOCKED),
    Mutation("kernel/linux/memory.c", "MCL_ONFAULT brings everything in", "(flags & MCL_FUTURE) && !(flags & MCL_ONFAULT)", "(flags & MCL_FUTURE)", LOCKED),
    Mutation("kernel/linux/memory.c", "remap_file_pages unlocks what is locked", "(region.wired ? MAP_LOCKED : 0)", "0", ("odd-calls",)),
]
