/* a second pass through the table counts. */

/* file: mm/working_sets/working_set.c */

/* What a table's entries say of the set. */
static uint32_t stretch_count(struct position at) REQUIRES(mm)
{
    uint32_t count = 0;
    for (; position_find_here(&at); position_step(&at))
        if (entry_counts(position_read(&at)) && working_set_has(position_read(&at)))
            count++;
    return count;
}

static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    struct position first = *at;
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (entry_counts(entry) && !pte_is_old(entry))
            (void)entry_grow_older(at, flush);
    }
    return stretch_count(first);
}
