/* mm/mapper.c - taking translations away.  See mm/mapper.h for the idea. */
#include "mm/mapper.h"

#include "mm/flush.h"
#include "mm/trace.h"

frame_t zero_frame = {UINT32_MAX};

void entry_forget(pte_t *entry, uintptr_t address, struct flush *flush)
{
    pte_t old = *entry;
    if (pte_is_zero(old))
        return;
    if (!pte_is_present(old)) {
        entry_replace(entry, PTE_ZERO);
        page_drop(pte_page(old), flush);
        return;
    }
    flush_add(flush, address);
    if (pte_is_zero_page(old)) {
        entry_replace(entry, PTE_ZERO);
    } else {
        mapper_withdraw(entry, PTE_ZERO);
        page_drop(frame_get(pte_frame(old))->page, flush);
    }
}

pte_t mapper_move(pte_t *from, pte_t *to)
{
    pte_t old = pte_exchange(from, PTE_ZERO);
    struct frame *above = frame_get(frame_of_data(from)),
                 *table = frame_get(frame_of_data(to));
    bool maps = pte_is_present(old) && !pte_is_zero_page(old);
    above->used--;
    table->used++;
    if (maps) {
        struct frame *frame = frame_get(pte_frame(old));
        above->present--;
        table->present++;
        mapper_remove(mapper_of(from), frame);
        mapper_add(mapper_of(to), frame);
    }
    old.bits &= ~PTE_UNWRITTEN;
    pte_exchange(to, old);
    return old;
}

void entry_leave(pte_t *entry, uintptr_t address)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    entry_forget(entry, address, &flush);
    ASSERT(!frame_is(flush.doomed));
    flush_end(&flush);
}

void mapper_withdraw_all(frame_t frame, struct flush *flush)
{
    page_t page = frame_get(frame)->page;
    trace_page(TRACE_WITHDRAW, page, frame, 0);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), PTE_ZERO);
        /* On one processor only the loaded space can be in the TLB; forgetting the same
         * address of another space does no harm. */
        flush_add(flush, mapper_address(mapper));
        page_drop(page, flush);
    }
}
