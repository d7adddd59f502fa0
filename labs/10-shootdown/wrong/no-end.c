/* the LAPIC is not told that the interrupt is over. */

/* file: arch/shootdown.c */

void trap_shootdown(void)
{
    struct processor *self = this_processor->self;
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_ACQUIRE);
    if (self->mode != PROCESSOR_USER || self->done == number) {
        __atomic_fetch_add(&shootdown_counts.in_vain, 1, __ATOMIC_RELAXED);
        return;
    }
    if (request.count > TLB_FLUSH_MAX)
        tlb_flush_user();
    for (unsigned i = 0; i < request.count && request.count <= TLB_FLUSH_MAX; i++)
        tlb_flush_page(request.addresses[i]);
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 1, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}
