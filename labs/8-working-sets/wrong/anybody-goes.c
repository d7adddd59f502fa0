/* whoever is active is suspended, small ones and init as well. */

/* file: kernel/thrashing/load_control.c */

static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    struct process *chosen = NULL;
    (void)sample;
    for (struct process *p = process_first; p; p = p->next) {
        if (!load_is_active(p) || in_since(p) > latest)
            continue;
        if (!chosen ||
            (last ? in_since(p) >= in_since(chosen) : in_since(p) < in_since(chosen)))
            chosen = p;
    }
    return chosen;
}
