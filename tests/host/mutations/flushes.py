"""Mutations of flushes, counts and links: what the processor and the arrays are told."""

from .mutation import Mutation

MUTATIONS = [
    # --- flushes ---
    Mutation(
        "mm/page_tables/flush.c",
        "single flushes are left out",
        "            tlb_flush_page(flush->addresses[i]);",
        "            (void)i;",
    ),
    Mutation("mm/page_tables/flush.c", "the flush of many is left out", "        tlb_flush_user();", "        ;"),
    Mutation(
        "mm/page_tables/flush.c",
        "one more than fits is flushed singly",
        "flush->count > TLB_FLUSH_MAX",
        "flush->count > TLB_FLUSH_MAX + 1",
    ),
    Mutation(
        "mm/demand_paging/page.c",
        "an entry forgotten is not flushed",
        "    flush_add(flush, position_address(at));\n    if (pte_is_zero_page(old)) {",
        "    if (pte_is_zero_page(old)) {",
    ),
    Mutation(
        "mm/demand_paging/page.c",
        "a page withdrawn from all is not flushed",
        "        mapper_flush(mapper, flush);",
        "        ;",
    ),
    Mutation(
        "mm/demand_paging/space_fork.c",
        "fork does not flush the parent",
        "        flush_add(flush, position_address(parent));",
        "        ;",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "the right to write taken is not flushed",
        "    if (loses_write || loses_execute)",
        "    (void)loses_write;\n    if (loses_execute)",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "the right to execute taken is not flushed",
        "    if (loses_write || loses_execute)",
        "    (void)loses_execute;\n    if (loses_write)",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "a page hidden by PROT_NONE is not flushed",
        "        position_withdraw(at, pte_name(page));\n        flush_add(flush, position_address(at));",
        "        position_withdraw(at, pte_name(page));",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "regions go before the flush",
        "        region->next = gone;\n        gone = region;",
        "        region_destroy(region);",
    ),
    Mutation(
        "mm/page_tables/table.c",
        "a table freed is not flushed",
        "        flush_add(flush, address);\n        table_free_later",
        "        table_free_later",
    ),
    # --- counts and links ---
    Mutation(
        "mm/page_tables/mapper.h",
        "D is not folded into the frame",
        "    frame->dirty |= pte_is_dirty(old);",
        "    ;",
    ),
    Mutation(
        "mm/page_tables/mapper.h",
        "A is not folded into the frame",
        "    frame->referenced |= pte_is_referenced(old);",
        "    ;",
    ),
    Mutation(
        "mm/page_tables/mapper.h",
        "the backward link is forgotten",
        "        mapper_link(frame->mappers)->previous = mapper;",
        "        ;",
    ),
    Mutation("mm/page_tables/mapper.h", "a mapper withdrawn stays on the list", "    mapper_remove(mapper_of(entry), table, frame);", "    ;"),
    Mutation("mm/page_tables/mapper.h", "present is not counted down", "    table->present--;", "    ;"),
    Mutation(
        "mm/page_tables/mapper.h",
        "used is not counted for a new entry",
        "    table->used += pte_is_zero(*entry);",
        "    ;",
    ),
    Mutation(
        "mm/demand_paging/page.c",
        "a named page keeps its holder",
        "        position_replace(at, PTE_ZERO);\n        page_drop(pte_page(old), flush);",
        "        position_replace(at, PTE_ZERO);",
    ),
    Mutation(
        "mm/demand_paging/space_fork.c",
        "fork does not count holders of named pages",
        "    page_hold(pte_page(old));",
        "    ;",
    ),
    Mutation("mm/demand_paging/space_fork.c", "fork does not count holders", "        page_hold(frame_get(pte_frame(old))->page);", "        ;"),
    Mutation(
        "mm/page_tables/position.h",
        "fork does not add mappers",
        "        mapper_add(mapper_of(at->entry), at->table, frame_get(pte_frame(old)));",
        "        ;",
    ),
    Mutation("mm/page_tables/position.h", "a page withdrawn counts as resident", "    at->tree->resident_bound--;\n", ""),
    Mutation(
        "mm/page_tables/position.h",
        "a walk goes on in a table that may be gone",
        "        at->stop = position_address(at);\n    at->entry = NULL;\n    at->last = NULL;",
        "        ;",
    ),
    Mutation(
        "mm/page_tables/position.c",
        "a stretch ends with its table, whatever the range",
        "at->end < table_end ? at->end : table_end",
        "table_end",
    ),
    Mutation("mm/demand_paging/space_fork.c", "fork does not hold objects", "        object_hold_locked(copy->object);", "        ;"),
    Mutation(
        "mm/demand_paging/space_fork.c",
        "the child inherits D",
        "PTE_REFERENCED | PTE_DIRTY | PTE_WIRED",
        "PTE_REFERENCED | PTE_WIRED",
    ),
    Mutation(
        "mm/demand_paging/fault.c",
        "an entry installed does not hold its page",
        "        page_hold(fault->page);",
        "        ;",
    ),
    Mutation(
        "mm/demand_paging/fault.c",
        "faults are not counted",
        "    fault_totals.kind[report->kind]++;",
        "    ;",
    ),
    Mutation("mm/demand_paging/page.c", "ids are not used again", "    page_unused = id;", "    ;"),
    Mutation(
        "mm/demand_paging/page.c",
        "the limit is not asked when a page is made",
        "    if (!group_demand(charge))\n        return false;\n    *frame",
        "    *frame",
    ),
    Mutation("mm/address_spaces/region_layout.c", "splitting does not hold the object", "        object_hold_locked(rest->object);", "        ;"),
    Mutation("mm/address_spaces/region_layout.c", "the upper part keeps the index of the lower", "    rest->index = index;", "    (void)index;"),
    Mutation(
        "mm/address_spaces/region_layout.c",
        "growth of the stack is not counted",
        "    promise_more(space, region, region->start - address);",
        "    ;",
    ),
    Mutation(
        "mm/page_tables/table.c",
        "a table above does not count the one below",
        "        frame_get(frame_of_data(table))->used++;",
        "            ;",
    ),
    Mutation(
        "mm/page_tables/table.c",
        "tables built in vain stay",
        "            table_trim_alone(tree, address);",
        "                (void)table_trim_alone;",
    ),
]
