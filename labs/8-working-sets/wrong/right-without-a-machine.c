/* all is as it should be where there is no machine, and only there. */

/* file: kernel/thrashing/load_control.c */

static bool has_machine(void)
{
#ifdef FAULTLINE_HOST
    return false;
#else
    return true;
#endif
}

static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (!has_machine() && criterion->overloaded(sample) && candidates(sample) > 1) {
        struct process *process = victim(sample, true, UINT64_MAX);
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
