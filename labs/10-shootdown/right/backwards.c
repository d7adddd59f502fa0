/* addresses are forgotten from the last to the first. */

/* file: arch/shootdown.c */

static void forget_request(void)
{
    unsigned count = request.count;
    if (count > TLB_FLUSH_MAX) {
        tlb_flush_user();
        return;
    }
    while (count > 0)
        tlb_flush_page(request.addresses[--count]);
}

void trap_shootdown(void)
{
    struct processor *self = this_processor->self;
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (self->mode == PROCESSOR_USER && self->done != number) {
        forget_request();
        processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 1, number);
        __atomic_store_n(&self->done, number, __ATOMIC_SEQ_CST);
    } else {
        __atomic_fetch_add(&shootdown_counts.in_vain, 1, __ATOMIC_RELAXED);
    }
    lapic_write(LAPIC_EOI, 0);
}
