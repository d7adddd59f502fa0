/* what a criterion shows is not waited for. */

/* file: kernel/thrashing/load_control.c */

static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (criterion->overloaded(sample) && candidates(sample) > 1) {
        struct process *process = victim(sample, true, UINT64_MAX);
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    (void)done;
    return false;
}
