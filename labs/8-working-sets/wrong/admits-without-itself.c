/* one more may run when those that run fit. */

/* file: kernel/thrashing/load_criteria.c */

static bool sets_admit(const struct load_sample *sample, struct process *waiting)
{
    return sample->working_sets <= sample->frames &&
           allocation_fits(waiting);
}
