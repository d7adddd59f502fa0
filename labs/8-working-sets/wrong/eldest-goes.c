/* the one that has run longest is suspended. */

/* file: kernel/thrashing/load_control.c */

static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (criterion->overloaded(sample) && candidates(sample) > 1) {
        struct process *process = victim(sample, false, UINT64_MAX);
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
