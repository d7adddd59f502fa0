/* what is not used does not grow older. */

/* file: mm/working_sets/working_set.c */

static bool entry_grow_older(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (pte_is_referenced(old)) {
        entry_used(at, flush);
        return true;
    }
    return pte_age(old) < WORKING_SET_PERIODS;
}
