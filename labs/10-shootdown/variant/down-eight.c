/* processors are interrupted from the one with the highest number down; of more than 8 addresses
 * all are forgotten. */

/* file: arch/shootdown.c */

enum { FEW = 8 };

void trap_shootdown(void)
{
    struct processor *self = this_processor->self;
    lapic_write(LAPIC_EOI, 0);
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_ACQUIRE);
    if (self->mode != PROCESSOR_USER || self->done == number) {
        __atomic_fetch_add(&shootdown_counts.in_vain, 1, __ATOMIC_RELAXED);
        return;
    }
    if (request.count > FEW)
        tlb_flush_user();
    for (unsigned i = 0; i < request.count && request.count <= FEW; i++)
        tlb_flush_page(request.addresses[i]);
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 1, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root) || shootdown_left_out)
        return;
    request_write(self, root, addresses, count);
    schedule_point();
    for (unsigned i = processor_count; i-- > 0;) {
        asked[i] = &processors[i] != self && ask(&processors[i], root);
        if (asked[i])
            continue; /* it is waited for below */
    }
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            cpu_relax();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
