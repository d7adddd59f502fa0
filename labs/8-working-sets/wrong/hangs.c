/* while one is left and the load is too high, nothing ever ends. */

/* file: kernel/thrashing/load_control.c */

static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (criterion->overloaded(sample)) {
        struct process *process = victim(sample, true, UINT64_MAX);
        if (!process || candidates(sample) < 2)
            continue;
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
