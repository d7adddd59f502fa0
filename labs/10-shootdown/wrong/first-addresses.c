/* of many addresses the first ones are forgotten. */

/* file: arch/shootdown.c */

static void request_write(struct processor *self, frame_t root, const uintptr_t *addresses,
                          unsigned count)
{
    request.count = count <= TLB_FLUSH_MAX ? count : TLB_FLUSH_MAX;
    for (unsigned i = 0; i < count && i < TLB_FLUSH_MAX; i++)
        request.addresses[i] = addresses[i];
    if (self->done == request.number)
        self->done++;
    processor_trace(PROCESSOR_SHOOTDOWN, addresses[0], request.number + 1, count, root);
    __atomic_store_n(&request.number, request.number + 1, __ATOMIC_SEQ_CST);
    shootdown_counts.requests++;
}
