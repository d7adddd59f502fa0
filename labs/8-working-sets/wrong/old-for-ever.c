/* a page that is old stays so when it is used again. */

/* file: mm/working_sets/working_set.c */

static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (pte_age(entry) < AGE_MAX && entry_counts(entry))
            count += entry_grow_older(at, flush);
    }
    return count;
}
