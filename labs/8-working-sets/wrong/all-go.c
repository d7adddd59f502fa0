/* the last one is suspended, too. */

/* file: kernel/thrashing/load_control.c */

static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (criterion->overloaded(sample) && candidates(sample) > 0) {
        struct process *process = victim(sample, true, UINT64_MAX);
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
