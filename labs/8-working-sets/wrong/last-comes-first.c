/* who was suspended last comes back first. */

/* file: kernel/thrashing/load_control.c */

static struct process *waiter(bool wanting)
{
    struct process *chosen = NULL;
    for (struct process *p = process_first; p; p = p->next) {
        if (!p->suspended || !p->space || (wanting && !process_wants(p)))
            continue;
        if (!chosen || p->load_since > chosen->load_since)
            chosen = p;
    }
    return chosen;
}
