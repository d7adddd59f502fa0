/* the policy is not told of what a sample finds. */

/* file: mm/working_sets/working_set.c */

static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    position_age_from_use(at);
    flush_add(flush, position_address(at));
}
