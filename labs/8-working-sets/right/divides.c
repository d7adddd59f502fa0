/* what faults may take is a part of the time. */

/* file: kernel/thrashing/load_criteria.c */

static bool sets_overloaded(const struct load_sample *sample)
{
    bool fit = sample->working_sets <= sample->frames && allocation_fits(NULL);
    uint64_t waited = sample->faults * sample->service;
    return !fit && waited > sample->elapsed / 50;
}

static bool sets_admit(const struct load_sample *sample, struct process *waiting)
{
    if (sample->working_sets > sample->frames)
        return false;
    uint32_t room = sample->frames - sample->working_sets;
    return waiting->load_set <= room && allocation_fits(waiting);
}
