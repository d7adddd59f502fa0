/* who leaves forgets what the last request names, of several. */

/* file: arch/shootdown.c */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (self->done == number)
        return;
    if (request.count > TLB_FLUSH_MAX)
        tlb_flush_user();
    for (unsigned i = 0; i < request.count && request.count <= TLB_FLUSH_MAX; i++)
        tlb_flush_page(request.addresses[i]);
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}
