/* mm/page_tables/mapper.c - taking translations away.  See mapper.h for the idea. */
#include "mm/page_tables/mapper.h"

#include "mm/page_tables/flush.h"
#include "mm/trace.h"

frame_t zero_frame = {UINT32_MAX};

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
        mapper_remove(mapper_of(from), above, frame);
        mapper_add(mapper_of(to), table, frame);
    }
    old.bits &= ~PTE_UNWRITTEN;
    pte_exchange(to, old);
    return old;
}
