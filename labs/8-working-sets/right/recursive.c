/* each that goes or comes looks for the next. */

/* file: kernel/thrashing/load_control.c */

static bool reduce(struct load_sample *sample)
{
    if (!criterion->overloaded(sample) || candidates(sample) <= 1)
        return false;
    out(victim(sample, true, UINT64_MAX), sample);
    if (criterion->foresees)
        (void)reduce(sample);
    return true;
}

static bool admit(struct load_sample *sample)
{
    struct process *process = waiter(true);
    bool wants = process != NULL;
    if (!process)
        process = waiter(false);
    if (!process)
        return false;
    if (!criterion->admits(sample, process) && (!wants || candidates(sample) > 0))
        return false;
    in(process, sample);
    if (criterion->foresees)
        (void)admit(sample);
    return true;
}
