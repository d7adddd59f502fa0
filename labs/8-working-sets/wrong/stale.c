/* who was to come is resumed though it has ended meanwhile. */

/* file: kernel/thrashing/load_control.c */

static void rotate(struct load_sample *sample)
{
    static uint64_t next;
    uint64_t begin = time_now();
    struct process *waiting = waiter(true), *leaving;
    if (!waiting || begin < next || begin - waiting->load_since < PATIENCE_NS)
        return;
    unsigned left = 0;
    while (waiting && (leaving = victim(sample, false, begin - QUANTUM_NS)) != NULL) {
        out(leaving, sample);
        left++;
        if (!criterion->foresees || (waiting && criterion->admits(sample, waiting)))
            break;
    }
    if (left == 0 || !waiting)
        return;
    uint32_t wanted = waiting->load_set;
    in(waiting, sample);
    load_state.rotations++;
    uint64_t to_come = load_prepages ? 0 : wanted * sample->service; /* its faults */
    next = 2 * time_now() - begin + to_come;
}
