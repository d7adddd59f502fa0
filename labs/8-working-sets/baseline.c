/* every page belongs to the working set of who has it, the load is never too high, and nobody is
 * suspended. Who is suspended all the same waits until nobody else is left. */

/* file: mm/working_sets/working_set.c */

/* without: entry_used entry_grow_older */

/* Every page that counts belongs to it; nobody grows older. */
static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    (void)flush;
    for (; position_find_here(at); position_step(at))
        count += entry_counts(position_read(at));
    return count;
}

/* file: kernel/thrashing/load_criteria.c */

/* It never is. */
static bool sets_overloaded(const struct load_sample *sample)
{
    (void)sample;
    return false;
}

/* There is always room. */
static bool sets_admit(const struct load_sample *sample, struct process *waiting)
{
    (void)sample, (void)waiting;
    return true;
}

/* file: kernel/thrashing/load_control.c */

/* The candidate with the lowest number. */
static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    (void)last;
    for (struct process *process = process_first; process; process = process->next)
        if (is_candidate(process, sample) && in_since(process) <= latest)
            return process;
    return NULL;
}

/* The suspended process with the lowest number. */
static struct process *waiter(bool wanting)
{
    for (struct process *process = process_first; process; process = process->next)
        if (process->suspended && process->space && (!wanting || process_wants(process)))
            return process;
    return NULL;
}

/* Nobody is suspended. */
static bool reduce(struct load_sample *sample)
{
    (void)sample, (void)victim, (void)candidates, (void)out;
    return false;
}

/* Who waits comes back when no candidate runs any more. */
static bool admit(struct load_sample *sample)
{
    struct process *waiting = waiter(true);
    if (!waiting || candidates(sample) > 0)
        return false;
    in(waiting, sample);
    return true;
}

/* Nobody changes places. */
static void rotate(struct load_sample *sample)
{
    (void)sample, (void)victim, (void)waiter, (void)out;
}
