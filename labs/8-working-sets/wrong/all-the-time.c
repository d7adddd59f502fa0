/* exchanges may take all of the time. */

/* file: kernel/thrashing/load_control.c */

static void rotate(struct load_sample *sample)
{
    uint64_t begin = time_now();
    struct process *waiting = waiter(true), *leaving;
    if (!waiting || begin - waiting->load_since < PATIENCE_NS)
        return;
    unsigned left = 0;
    while (waiting && (leaving = victim(sample, false, begin - QUANTUM_NS)) != NULL) {
        out(leaving, sample);
        left++;
        waiting = waiter(true); /* the one that was to come may have ended */
        if (!criterion->foresees || (waiting && criterion->admits(sample, waiting)))
            break;
    }
    if (left == 0 || !waiting)
        return;
    in(waiting, sample);
    load_state.rotations++;
}
