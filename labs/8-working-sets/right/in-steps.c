/* an exchange is made of steps, and remembers when it ended and what it took. */

/* file: kernel/thrashing/load_control.c */

/* Is there room for who waits? A criterion that does not foresee is not asked. */
static bool has_room(struct load_sample *sample)
{
    struct process *waiting = waiter(true);
    return !criterion->foresees || (waiting && criterion->admits(sample, waiting));
}

/* True: somebody has left. */
static bool make_room(struct load_sample *sample, uint64_t begin)
{
    bool left = false;
    do {
        struct process *leaving = waiter(true) ? victim(sample, false, begin - QUANTUM_NS) : NULL;
        if (!leaving)
            break;
        out(leaving, sample);
        left = true;
    } while (!has_room(sample));
    return left;
}

static void rotate(struct load_sample *sample)
{
    static uint64_t ended, took;
    uint64_t begin = time_now();
    struct process *waiting = waiter(true);
    bool patient = !waiting || waiting->load_since + PATIENCE_NS > begin;
    if (patient || begin - ended < took || !make_room(sample, begin))
        return;
    waiting = waiter(true);
    if (!waiting)
        return;
    uint64_t faults = load_prepages ? 0 : waiting->load_set;
    in(waiting, sample);
    load_state.rotations++;
    ended = time_now();
    took = ended - begin + faults * sample->service;
}
