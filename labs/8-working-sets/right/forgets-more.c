/* the processor forgets each page that is looked at. */

/* file: mm/working_sets/working_set.c */

static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (!entry_counts(entry))
            continue;
        if (pte_is_present(entry) && !pte_is_referenced(entry))
            flush_add(flush, position_address(at));
        if (!pte_is_old(entry) && entry_grow_older(at, flush))
            count++;
    }
    return count;
}
