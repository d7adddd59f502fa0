/* pages that are not there do not belong to the working set. */

/* file: mm/working_sets/working_set.c */

static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (!pte_is_old(entry) && entry_counts(entry) && pte_is_present(entry))
            count += entry_grow_older(at, flush);
    }
    return count;
}
