"""Mutations of who is told to forget, and when: the fuzzer with several processors shows them."""

from .mutation import Mutation

SHOOTDOWN, LOCK, MMU = "arch/shootdown.c", "arch/kernel_lock.c", "arch/mmu.c"
WAIT = "        while (asked[i] && !has_forgotten(&processors[i]))\n            cpu_relax();\n"
ANSWER = "    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);\n"
BY_INTERRUPT = "    if (request.count > TLB_FLUSH_MAX)\n        tlb_flush_user();\n    for"
CATCH_UP = "    if (self->done == number)\n        return;\n    tlb_flush_user();\n"
USE = "    mode_set(self, mode);\n    shootdown_catch_up(self);\n"
EACH = "    for (unsigned i = 0; i < request.count && request.count <= TLB_FLUSH_MAX; i++)\n        tlb_flush_page(request.addresses[i]);\n"

# One for each of the ways in which a shootdown is got wrong. All are looked for at every commit.
CLASSIC = [
    Mutation(
        SHOOTDOWN,
        "one processor is not told",
        "        asked[i] = &processors[i] != self &&",
        "        asked[i] = i != (self->number + 1) % processor_count && &processors[i] != self &&",
    ),
    Mutation(
        SHOOTDOWN,
        "it answers, then forgets",
        BY_INTERRUPT,
        "    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);\n" + BY_INTERRUPT,
    ),
    Mutation(SHOOTDOWN, "frames are free before the answer", WAIT, "        (void)(asked[i] && has_forgotten(&processors[i]));\n"),
    Mutation(
        LOCK,
        "nothing is looked at on the way out",
        "    if (mode_uses_memory(mode))\n",
        "    if (false)\n",
    ),
    Mutation(
        MMU,
        "the root is noted after it is loaded",
        "    this_processor->root = root;\n    cr3_write((uint64_t)root.number << PAGE_SHIFT);\n",
        "    cr3_write((uint64_t)root.number << PAGE_SHIFT);\n    this_processor->root = root;\n",
    ),
    Mutation(
        "mm/page_tables/table.c",
        "who idles is forgotten when a space ends",
        "        if (root_is_loaded(root)) {\n",
        "        if (frame_same(root, root_loaded())) {\n",
    ),
    Mutation(
        SHOOTDOWN,
        "who is two requests behind forgets the last",
        CATCH_UP,
        CATCH_UP.replace("    tlb_flush_user();\n", "") + EACH,
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "a late write is lost",
        "    harvest_protect(frame);\n    return harvest_modified(frame);",
        "    bool modified = harvest_modified(frame);\n    harvest_protect(frame);\n    return modified; /* too early */",
    ),
]

MUTATIONS = [
    *CLASSIC,
    Mutation("mm/page_tables/flush.c", "the others are not told", "        if (processor_count > 1)\n", "        if (false)\n"),
    Mutation(SHOOTDOWN, "many addresses are all remembered by who is interrupted", BY_INTERRUPT, "    for"),
    Mutation(
        SHOOTDOWN,
        "of several addresses the last is remembered by who is interrupted",
        EACH,
        EACH.replace("i < request.count &&", "i + 1 < request.count &&"),
    ),
    Mutation(SHOOTDOWN, "who answers has forgotten nothing", EACH, ""),
    Mutation(
        SHOOTDOWN,
        "who has caught up has forgotten nothing",
        CATCH_UP,
        CATCH_UP.replace("    tlb_flush_user();\n", ""),
    ),
    Mutation(
        LOCK,
        "who leaves looks, and then says that he does",
        USE,
        "    shootdown_catch_up(self);\n    mode_set(self, mode);\n",
    ),
    Mutation(
        "mm/address_spaces/space.c",
        "who idles is told nothing of a space's end",
        "    flush_whole(&space->table);\n",
        "",
    ),
    Mutation(LOCK, "who copies has forgotten nothing", "    use_memory(this_processor->self, PROCESSOR_COPY);\n", "    mode_set(this_processor->self, PROCESSOR_COPY);\n"),
    Mutation(
        "arch/kernel_lock.h",
        "who copies is not waited for",
        "    return mode == PROCESSOR_USER || mode == PROCESSOR_COPY;",
        "    return mode == PROCESSOR_USER;",
    ),
    Mutation(
        "mm/page_tables/mapper.h",
        "who has another space loaded is asked alone",
        "        flush_of(flush, frame_get(mapper_table(mapper))->root);\n",
        "        flush_of(flush, kernel_root());\n",
    ),
    Mutation(
        "mm/demand_paging/fault.c",
        "what had to go for its copy is brought back, to go again",
        "            (!mm_is_shared() || fault->waited) && fault_wants_copy(fault));",
        "            !mm_is_shared() && fault_wants_copy(fault));",
    ),
    Mutation(
        "mm/frame_allocation/groups.c",
        "who has it loaded elsewhere takes frames for the group of before",
        "        if (frame_same(processors[i].root, space->table.root) &&",
        "        if (&processors[i] == this_processor && frame_same(processors[i].root, space->table.root) &&",
    ),
    Mutation(
        "mm/frames/ready.c",
        "what is ready is not clear",
        "        frame_clear(apart[i]);\n",
        "        (void)apart[i];\n",
    ),
    Mutation(
        "mm/demand_paging/fault.c",
        "a fault that has to wait does so without the kernel's lock",
        "    if (mm_alone())\n        return fault_join(fault);\n    fault->waited",
        "    fault->waited",
    ),
]
