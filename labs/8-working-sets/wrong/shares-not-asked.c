/* the load is judged by the sum alone, shares or not. */

/* file: kernel/thrashing/load_criteria.c */

static bool sets_overloaded(const struct load_sample *sample)
{
    return sample->faults * sample->service * 50 > sample->elapsed &&
           sample->working_sets > sample->frames;
}

static bool sets_admit(const struct load_sample *sample, struct process *waiting)
{
    return sample->working_sets + waiting->load_set <= sample->frames;
}
