/* nobody comes back without room, though nobody else is left. */

/* file: kernel/thrashing/load_control.c */

static bool admit(struct load_sample *sample)
{
    bool done = false;
    for (;;) {
        struct process *process = waiter(true) ?: waiter(false);
        if (!process || !criterion->admits(sample, process))
            break;
        in(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
