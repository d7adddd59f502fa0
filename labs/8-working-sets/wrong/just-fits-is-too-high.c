/* the load is too high when sets just fit. */

/* file: kernel/thrashing/load_criteria.c */

static bool sets_overloaded(const struct load_sample *sample)
{
    return sample->faults * sample->service * 50 > sample->elapsed &&
           (sample->working_sets >= sample->frames || !allocation_fits(NULL));
}
