/* ages end one above the window. */

/* file: mm/working_sets/working_set.c */

static bool entry_grow_older(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (pte_is_present(old) && pte_is_referenced(old))
        entry_used(at, flush);
    else if (pte_age(old) <= WORKING_SET_PERIODS)
        position_grow_older(at);
    return working_set_has(position_read(at));
}
