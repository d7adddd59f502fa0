/* who fits comes back, before others that have waited longer. */

/* file: kernel/thrashing/load_control.c */

static struct process *fitting(const struct load_sample *sample)
{
    struct process *chosen = NULL;
    for (struct process *p = process_first; p; p = p->next)
        if (p->suspended && p->space && criterion->admits(sample, p) &&
            (!chosen || p->load_since < chosen->load_since))
            chosen = p;
    return chosen;
}

static bool admit(struct load_sample *sample)
{
    bool done = false;
    for (;;) {
        struct process *process = fitting(sample) ?: waiter(true) ?: waiter(false);
        if (!process || !(criterion->admits(sample, process) ||
                          (candidates(sample) == 0 && process_wants(process))))
            break;
        in(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}
