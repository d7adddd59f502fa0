"""Mutations of what is locked in memory: mlock and its relatives, and what grows while it is."""

from mutations.mutation import Mutation

LOCKED = ("map-flags",)
BESIDE = ("heap-beside",)

MUTATIONS = [
    Mutation("kernel/linux/memory.c", "brk under mlockall brings nothing in", "now > before && space_wires_at_once(process->space)", "now > before && false", LOCKED),
    Mutation("kernel/linux/memory.c", "brk under mlockall begins where the heap ended before the call", "    struct heap_ends ends = space_heap(process->space, may ? wanted : 0);\n    uint64_t before = PAGE_ROUND_UP(ends.before)", "    uint64_t old = process->space->heap_end;\n    struct heap_ends ends = space_heap(process->space, wanted);\n    uint64_t before = PAGE_ROUND_UP(old)", BESIDE),
    Mutation("kernel/linux/memory.c", "mremap of locked memory brings nothing in", "region.wired == WIRE)", "false)", LOCKED),
    Mutation("kernel/linux/memory.c", "MCL_ONFAULT brings everything in", "flags & MCL_FUTURE ? wiring : UNWIRE", "flags & MCL_FUTURE ? WIRE : UNWIRE", LOCKED),
    Mutation("mm/address_spaces/space_map.c", "what is locked is not brought in when it may be written", "*brings |= protect_brings(region, access);", "*brings |= false && protect_brings(region, access);", ("ranges",)),
    Mutation("mm/address_spaces/space_pages.c", "MADV_DONTNEED forgets what is locked", "if (region->wired && !wired_too)", "if (region->wired && false)", ("ranges",)),
    Mutation("kernel/linux/memory.c", "remap_file_pages unlocks what is locked", "(region.wired ? MAP_LOCKED : 0)", "0", ("odd-calls",)),
]
