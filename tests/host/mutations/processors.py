"""Mutations that only another processor's user code, in between, can show."""

from .mutation import Mutation

MUTATIONS = [
    Mutation(
        "mm/replacement/harvest.c",
        "D is judged before it is final",
        "    harvest_protect(frame);\n    return harvest_modified(frame);",
        "    (void)harvest_protect;\n    return false;",
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "D is judged, then the right to write taken",
        "    harvest_protect(frame);\n    return harvest_modified(frame);",
        "    bool modified = harvest_modified(frame);\n    harvest_protect(frame);\n    return modified;",
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "who lost the right to write is not flushed",
        "        mapper_flush(at, &flush);",
        "        ;",
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "only the first mapper loses the right to write",
        "        mapper_flush(at, &flush);",
        "        mapper_flush(at, &flush);\n        break;",
    ),
    Mutation(
        "mm/page_tables/mapper.h",
        "an entry is read, then replaced",
        "    pte_t old = pte_exchange(entry, value);\n    struct frame *frame",
        "    pte_t old = pte_read(entry);\n    pte_exchange(entry, value);\n    struct frame *frame",
    ),
    Mutation(
        "mm/page_tables/mapper.c",
        "an entry that moves is read, then replaced",
        "    pte_t old = pte_exchange(from, PTE_ZERO);",
        "    pte_t old = pte_read(from);\n    pte_exchange(from, PTE_ZERO);",
    ),
    Mutation(
        "mm/reference_tracing/exact.c",
        "D is judged before the entry is taken back",
        "        if (pte_is_dirty(entry_take_back(&at, &flush)))",
        "        bool wrote = pte_is_dirty(position_read(&at));\n        entry_take_back(&at, &flush);\n        if (wrote)",
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "D goes with A",
        "PTE_REFERENCED | PTE_AGE);",
        "PTE_REFERENCED | PTE_DIRTY | PTE_AGE);",
    ),
    Mutation(
        "mm/replacement/harvest.c",
        "A is cleared by a store",
        "            pte_clear_bits(mapper_entry(at), PTE_REFERENCED | PTE_AGE);",
        "            pte_t old = *mapper_entry(at);\n            pte_exchange(mapper_entry(at), (pte_t){old.bits & ~(PTE_REFERENCED | PTE_AGE)});",
    ),
    Mutation(
        "arch/pte.h",
        "rights change by a store",
        """    } while (!__atomic_compare_exchange_n(&entry->bits, &old, value, true, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));""",
        "        entry->bits = value;\n    } while (false);",
    ),
    Mutation(
        "arch/pte.h",
        "an entry grows older by a store",
        "    machine_interleave(entry);\n    __atomic_add_fetch(&entry->bits, (1ull << PTE_AGE_SHIFT) - old, __ATOMIC_SEQ_CST);",
        "    uint64_t all = entry->bits;\n    machine_interleave(entry);\n    entry->bits = all + (1ull << PTE_AGE_SHIFT) - old;",
    ),
    Mutation(
        "mm/replacement/washing.c",
        "washed pages are not flushed",
        "        mapper_flush(at, &flush);",
        "        ;",
    ),
    Mutation(
        "mm/address_spaces/space_advise.c",
        "a slot goes while its page is on the way there",
        "    if (frame->pins > 0 && slot_is(page->slot))",
        "    if (false)",
    ),
]
