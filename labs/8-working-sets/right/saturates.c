/* what has left the window is as old as can be at once. */

/* file: mm/working_sets/working_set.c */

static bool entry_grow_older(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (pte_is_referenced(old)) {
        entry_used(at, flush);
        return true;
    }
    if (pte_age(old) < WORKING_SET_PERIODS) {
        position_grow_older(at);
        return true;
    }
    position_set_bits(at, PTE_AGE);
    return false;
}
