/* who runs and who waits is looked up anew for each that goes or comes. */

/* file: kernel/thrashing/load_control.c */

static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    struct process *first = NULL, *newest = NULL;
    for (struct process *p = process_first; p; p = p->next) {
        if (!is_candidate(p, sample))
            continue;
        if (!first || in_since(first) > in_since(p))
            first = p;
        if (!newest || in_since(newest) <= in_since(p))
            newest = p;
    }
    struct process *chosen = last ? newest : first;
    return chosen && in_since(chosen) <= latest ? chosen : NULL;
}

static bool reduce(struct load_sample *sample)
{
    bool goes_on = true, done = false;
    while (goes_on) {
        struct process *process = victim(sample, true, UINT64_MAX);
        goes_on = candidates(sample) >= 2 && criterion->overloaded(sample);
        if (goes_on)
            out(process, sample);
        done = done || goes_on;
        goes_on = goes_on && criterion->foresees;
    }
    return done;
}
