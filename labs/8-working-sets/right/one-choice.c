/* who goes and who comes is chosen by one function, by a number for each. */

/* file: kernel/thrashing/load_control.c */

/* The process with the highest rank above 0; of equals, the last. NULL: none has one. */
static struct process *best(uint64_t (*rank)(const struct process *process, const void *how),
                            const void *how)
{
    struct process *chosen = NULL;
    uint64_t highest = 1;
    for (struct process *p = process_first; p; p = p->next) {
        uint64_t found = rank(p, how);
        if (found >= highest) {
            highest = found;
            chosen = p;
        }
    }
    return chosen;
}

static uint64_t rank_wanting(const struct process *process, const void *how)
{
    bool all = how == NULL;
    if (!process->suspended || !process->space || (!all && !process_wants(process)))
        return 0;
    return UINT64_MAX - process->load_since;
}

static uint64_t rank_last(const struct process *process, const void *how)
{
    return is_candidate(process, how) ? in_since(process) + 1 : 0;
}

static uint64_t rank_first(const struct process *process, const void *how)
{
    return is_candidate(process, how) ? UINT64_MAX - in_since(process) : 0;
}

static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    struct process *chosen = best(last ? rank_last : rank_first, sample);
    return chosen && in_since(chosen) <= latest ? chosen : NULL;
}

static struct process *waiter(bool wanting)
{
    return best(rank_wanting, wanting ? "wanting" : NULL);
}
