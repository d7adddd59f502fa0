/* who asks notes its own number when all others have answered. */

/* file: arch/shootdown.c */

static void request_write(struct processor *self, frame_t root, const uintptr_t *addresses,
                          unsigned count)
{
    request.count = count;
    for (unsigned i = 0; i < count && count <= TLB_FLUSH_MAX; i++)
        request.addresses[i] = addresses[i];
    (void)self; /* noted at the end */
    processor_trace(PROCESSOR_SHOOTDOWN, addresses[0], request.number + 1, count, root);
    __atomic_store_n(&request.number, request.number + 1, __ATOMIC_SEQ_CST);
    shootdown_counts.requests++;
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root) || shootdown_left_out)
        return;
    bool current = self->done == request.number;
    request_write(self, root, addresses, count);
    schedule_point();
    for (unsigned i = 0; i < processor_count; i++)
        asked[i] = &processors[i] != self && ask(&processors[i], root);
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            cpu_relax();
    if (current)
        self->done = request.number;
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
