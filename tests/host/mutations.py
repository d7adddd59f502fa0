"""The changes that mutants.py makes to mm/: what is left out, and where.

`old` must be found exactly once in its file, and what remains must compile. Whoever changes
that text in mm/ changes it here.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    file: str
    what: str
    old: str
    new: str


MUTATIONS = [
    # --- flushes ---
    Mutation(
        "mm/flush.c",
        "single flushes are left out",
        "            tlb_flush_page(flush->addresses[i]);",
        "            (void)i;",
    ),
    Mutation("mm/flush.c", "the flush of many is left out", "        tlb_flush_user();", "        ;"),
    Mutation(
        "mm/flush.c",
        "one more than fits is flushed singly",
        "flush->count > TLB_FLUSH_MAX",
        "flush->count > TLB_FLUSH_MAX + 1",
    ),
    Mutation(
        "mm/mapper.c",
        "an entry forgotten is not flushed",
        "    flush_add(flush, address);\n    if (pte_is_zero_page(old)) {",
        "    if (pte_is_zero_page(old)) {",
    ),
    Mutation(
        "mm/mapper.c",
        "a page withdrawn from all is not flushed",
        "        flush_add(flush, mapper_address(mapper));",
        "        ;",
    ),
    Mutation(
        "mm/fork.c",
        "fork does not flush the parent",
        "            flush_add(flush, run->address + i * PAGE_SIZE);",
        "            ;",
    ),
    Mutation(
        "mm/map.c",
        "the right to write taken is not flushed",
        "    if (loses_write || loses_execute)",
        "    (void)loses_write;\n    if (loses_execute)",
    ),
    Mutation(
        "mm/map.c",
        "the right to execute taken is not flushed",
        "    if (loses_write || loses_execute)",
        "    (void)loses_execute;\n    if (loses_write)",
    ),
    Mutation(
        "mm/map.c",
        "a page hidden by PROT_NONE is not flushed",
        "        mapper_withdraw(entry, pte_name(page));\n        flush_add(flush, address);",
        "        mapper_withdraw(entry, pte_name(page));",
    ),
    Mutation(
        "mm/map.c",
        "regions go before the flush",
        "        region->next = gone;\n        gone = region;",
        "        region_destroy(region);",
    ),
    Mutation(
        "mm/table.c",
        "a table freed is not flushed",
        "        flush_add(flush, address);\n        table_doom",
        "        table_doom",
    ),
    # --- counts and links ---
    Mutation(
        "mm/mapper.h",
        "D is not folded into the frame",
        "    frame->dirty |= pte_is_dirty(old);",
        "    ;",
    ),
    Mutation(
        "mm/mapper.h",
        "A is not folded into the frame",
        "    frame->referenced |= pte_is_referenced(old);",
        "    ;",
    ),
    Mutation(
        "mm/mapper.h",
        "the backward link is forgotten",
        "        mapper_link(frame->mappers)->previous = mapper;",
        "        ;",
    ),
    Mutation("mm/mapper.h", "a mapper withdrawn stays on the list", "    mapper_remove(mapper_of(entry), frame);", "    ;"),
    Mutation("mm/mapper.h", "present is not counted down", "    table->present--;", "    ;"),
    Mutation(
        "mm/mapper.h",
        "used is not counted for a new entry",
        "    table->used += pte_is_zero(*entry);",
        "    ;",
    ),
    Mutation(
        "mm/mapper.c",
        "a named page keeps its holder",
        "        entry_replace(entry, PTE_ZERO);\n        page_drop(pte_page(old), flush);",
        "        entry_replace(entry, PTE_ZERO);",
    ),
    Mutation(
        "mm/fork.c",
        "fork does not count holders of named pages",
        "        page_hold(pte_page(old));",
        "        ;",
    ),
    Mutation("mm/fork.c", "fork does not count holders", "        page_hold(frame->page);", "        ;"),
    Mutation(
        "mm/fork.c",
        "fork does not add mappers",
        "        mapper_add(mapper_of(child), frame);",
        "        (void)frame;",
    ),
    Mutation("mm/fork.c", "fork does not hold objects", "        object_hold(copy->object);", "        ;"),
    Mutation(
        "mm/fork.c",
        "the child inherits D",
        "PTE_REFERENCED | PTE_DIRTY | PTE_WIRED",
        "PTE_REFERENCED | PTE_WIRED",
    ),
    Mutation(
        "mm/fault.c",
        "an entry installed does not hold its page",
        "        page_hold(fault->page);",
        "        ;",
    ),
    Mutation(
        "mm/fault.c",
        "faults are not counted",
        "    fault_totals.kind[report->kind]++;",
        "    ;",
    ),
    Mutation("mm/page.c", "a page that ends stays charged", "    if (f->wired == 0)\n        group_uncharge(frame);", "        ;"),
    Mutation("mm/page.c", "ids are not used again", "    page_unused = id;", "    ;"),
    Mutation(
        "mm/page.c",
        "the limit is not asked when a page is made",
        "    if (!group_allows(charge))\n        return false;\n    *frame",
        "    *frame",
    ),
    Mutation("mm/region_layout.c", "splitting does not hold the object", "        object_hold(rest->object);", "        ;"),
    Mutation("mm/region_layout.c", "the upper part keeps the index of the lower", "    rest->index = index;", "    (void)index;"),
    Mutation(
        "mm/region_layout.c",
        "growth of the stack is not counted",
        "    space->promised += region->start - address;",
        "    ;",
    ),
    Mutation(
        "mm/table.c",
        "a table above does not count the one below",
        "            frame_get(frame_of_data(entry))->used++;",
        "            ;",
    ),
    Mutation(
        "mm/table.c",
        "tables built in vain stay",
        "                table_trim_alone(space, address);",
        "                (void)table_trim_alone;",
    ),
    # --- checks ---
    Mutation(
        "mm/fault.c",
        "rights are not checked",
        "        return FAULT_NO_ACCESS;\n    fault->region",
        "        ;\n    fault->region",
    ),
    Mutation(
        "mm/fault.c",
        "the end of the object is not checked",
        "        if ((uint64_t)index * PAGE_SIZE >= fault->region->object->size)",
        "        if (false)",
    ),
    Mutation(
        "mm/fault.c",
        "two holders are taken for one",
        "            page_get(fault->page)->holders > 1);",
        "            page_get(fault->page)->holders > 2);",
    ),
    Mutation(
        "mm/fault.c",
        "an object's page is not copied",
        "page_get(fault->page)->object != NULL ||",
        "false ||",
    ),
    Mutation(
        "mm/fault.c",
        "shared memory is copied on write",
        "fault->access == ACCESS_WRITE && !fault->region->shared &&",
        "fault->access == ACCESS_WRITE &&",
    ),
    Mutation(
        "mm/fault.c",
        "the zero page is not used",
        "    if (fault->access != ACCESS_WRITE && !group_limited",
        "    if (false && !group_limited",
    ),
    Mutation(
        "mm/fault.c",
        "the zero page is used under a limit",
        "ACCESS_WRITE && !group_limited(fault->space->group)",
        "ACCESS_WRITE",
    ),
    Mutation(
        "mm/fault.c",
        "a copy is not copied",
        "        frame_copy(fault->frame, from);",
        "        ;",
    ),
    Mutation(
        "mm/fault.c",
        "a copy is born clean",
        "        frame_get(fault->frame)->dirty = true; /* it has no backing yet */",
        "        ;",
    ),
    Mutation(
        "mm/fault.c",
        "a copy does not leave the old page",
        "    entry_leave(fault->entry, fault->address);",
        "    ;",
    ),
    Mutation(
        "mm/fork.c",
        "the parent may go on writing",
        "        pte_clear_bits(parent, PTE_WRITABLE);",
        "        ;",
    ),
    Mutation(
        "mm/fork.c",
        "the child may write at once",
        "(shared ? 0 : PTE_WRITABLE)",
        "0",
    ),
    Mutation(
        "mm/region_layout.c",
        "a page of several may be made writable",
        " || page_get(page)->holders > 1))",
        "))",
    ),
    Mutation(
        "mm/region_layout.c",
        "different rights are joined",
        "region->access != next->access ||",
        "false ||",
    ),
    Mutation(
        "mm/region_layout.c",
        "pieces of an object are joined in any order",
        "    if (region->object != NULL && region_index(region, next->start) != next->index)",
        "    if (false)",
    ),
    Mutation(
        "mm/region_layout.c",
        "the stack grows beyond its limit",
        " || address < space->stack_limit)",
        ")",
    ),
    Mutation(
        "mm/region_layout.c",
        "the stack grows up to its neighbour",
        "address < region->previous->end + gap",
        "address + gap < region->previous->end",
    ),
    Mutation(
        "mm/map.c",
        "NO_REPLACE replaces",
        "            !region_is_free(space, wish, wish + length))",
        "            false)",
    ),
    Mutation(
        "mm/region.h",
        "length is added without care",
        "           start <= USER_END - length;",
        "           start + length <= USER_END;",
    ),
    Mutation(
        "mm/map.c",
        "null may be mapped",
        "        if (wish < REGION_BOTTOM)",
        "        if (false)",
    ),
    Mutation(
        "mm/map.c",
        "mprotect gives what the file does not",
        "        if (access & ~region->access_max)",
        "        if (false)",
    ),
    Mutation(
        "mm/map.c",
        "the heap has no limit",
        " || end - space->heap_start > limit)",
        ")",
    ),
    Mutation(
        "mm/map.c",
        "PROT_NONE forgets the contents",
        "        mapper_withdraw(entry, pte_name(page));",
        "        entry_forget(entry, address, flush);",
    ),
    Mutation(
        "mm/map.c",
        "mprotect does not change the entries",
        "    pte_set_access(entry, access);\n    bool",
        "    bool",
    ),
    Mutation(
        "mm/region_layout.c",
        "a cut at the end is left out",
        "    cut(space, start, &spares);\n    cut(space, end, &spares);",
        "    cut(space, start, &spares);",
    ),
    Mutation(
        "arch/pte.h",
        "a name looks like an address",
        "(pte_t){~((uint64_t)page.id << PAGE_SHIFT) & PTE_ADDRESS}",
        "(pte_t){((uint64_t)page.id << PAGE_SHIFT | 2) & ~1ul}",
    ),
    Mutation(
        "mm/more/object_io.c",
        "what is cut is not cleared",
        "        __builtin_memset((char *)frame_data(frame) + keep, 0, PAGE_SIZE - keep);",
        "        ;",
    ),
    Mutation(
        "mm/object.c",
        "one page too many survives a cut",
        "        if (page_get(id)->index >= index)",
        "        if (page_get(id)->index > index)",
    ),
    Mutation(
        "mm/object.c",
        "the rest of a file's last page is not cleared",
        "        frame_clear(frame);\n    block_submit",
        "        ;\n    block_submit",
    ),
    Mutation(
        "mm/object.c",
        "a page cut in flight is taken for the object's",
        "    if (error && page_get(id)->object == object) {",
        "    if (error) {",
    ),
    Mutation(
        "mm/object.c",
        "a page that could not be read stays",
        "        object_remove(object, id);\n        page_get(id)->holders--;",
        "        ;",
    ),
    Mutation(
        "mm/more/object_io.c",
        "what was cut is read from the device again",
        "            object->backed = size;",
        "            ;",
    ),
    Mutation(
        "mm/object.c",
        "whoever waits for a page is not woken",
        "    above_wake(frame_get(frame)); /* those",
        "    /* those",
    ),
    Mutation(
        "mm/object.c",
        "after a sleep nothing is looked up again",
        "    return slept ? BRING_AGAIN : BRING_RESIDENT;",
        "    (void)slept;\n    return BRING_RESIDENT;",
    ),
    Mutation(
        "mm/more/object_io.c",
        "the kernel's writes leave the frame clean",
        "    frame_get(frame)->dirty |= written;",
        "    (void)written;",
    ),
    Mutation(
        "mm/object.c",
        "a hole in the hash chain",
        "    *link = page->hash_next;",
        "    *link = PAGE_NONE;",
    ),
    Mutation(
        "mm/page.c",
        "a pinned frame goes with its page",
        "    if (--page->holders == 0 &&\n        !(frame_is(page->frame) && frame_get(page->frame)->pins > 0))",
        "    if (--page->holders == 0)",
    ),
    Mutation("mm/frame.c", "a zeroed frame is not zeroed", "    if (frame_is(frame) && !zeroed)\n        frame_clear(frame);", "    (void)zeroed;"),
    Mutation(
        "mm/frame.c",
        "users may take the reserve",
        "frame_counts.free > frame_watermarks.reserve",
        "frame_counts.free > 0",
    ),
    Mutation(
        "mm/frame.c",
        "a frame freed counts as zeroed",
        "    f->zeroed = f->zeroed && !page_is(f->page);",
        "    f->zeroed = !page_is(f->page);",
    ),
    Mutation("mm/frame.c", "whoever waits for memory is not woken", "        above_wake(&frame_counts);", "        ;"),
    Mutation("mm/frame.c", "the last owner's D sticks", "f->dirty = f->referenced = f->recent", "f->referenced = f->recent"),
    Mutation(
        "mm/table.c",
        "a table is freed with entries in it",
        "        if (frame_get(empty)->used > 0)\n            return;",
        "        ;",
    ),
    Mutation("mm/table.c", "a root without the kernel's half", "        memory_copy((char *)frame_data(root) + half", "        if (false)\n            memory_copy((char *)frame_data(root) + half"),
    Mutation(
        "mm/space.c",
        "a space is freed while loaded",
        "    if (frame_same(root_loaded(), space->root))\n        space_load(NULL);",
        "    ;",
    ),
    Mutation("mm/more/oom.c", "the essential one is chosen", "space->essential || ", "false || "),
    Mutation("mm/more/oom.c", "whoever holds least is chosen", "held > most_held", "held < most_held"),
    Mutation("mm/more/oom.c", "tables do not count", "space_swapped(space) + space->tables", "space_swapped(space)"),
    Mutation(
        "mm/more/oom.c",
        "one after another is killed",
        "    if (oom_under_way(group))\n        return;",
        "    (void)oom_under_way;",
    ),
    Mutation(
        "mm/pageoutd.c",
        "the one that is ending sleeps for memory",
        "    if (above_dying())\n        return false;\n    evict_reap();",
        "    evict_reap();",
    ),
    Mutation("mm/more/slab.c", "objects are not cleared", "    return __builtin_memset(object, 0, slab_object_size(cache));", "    return object;"),
    Mutation("mm/more/slab.c", "every free slab is kept", "    if (cache->spare == NULL) {", "    if (true) {"),
]
