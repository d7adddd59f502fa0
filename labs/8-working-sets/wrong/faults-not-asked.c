/* the load is too high whenever sets do not fit. */

/* file: kernel/thrashing/load_criteria.c */

static bool sets_overloaded(const struct load_sample *sample)
{
    return sample->working_sets > sample->frames || !allocation_fits(NULL);
}
