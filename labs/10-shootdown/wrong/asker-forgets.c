/* who asks has to forget all on its way out. */

/* file: arch/shootdown.c */

static void request_write(struct processor *self, frame_t root, const uintptr_t *addresses,
                          unsigned count)
{
    request.count = count;
    for (unsigned i = 0; i < count && count <= TLB_FLUSH_MAX; i++)
        request.addresses[i] = addresses[i];
    (void)self;
    processor_trace(PROCESSOR_SHOOTDOWN, addresses[0], request.number + 1, count, root);
    __atomic_store_n(&request.number, request.number + 1, __ATOMIC_SEQ_CST);
    shootdown_counts.requests++;
}
