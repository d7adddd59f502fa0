/* who leaves looks until there is no new request. */

/* file: arch/shootdown.c */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number;
    while ((number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST)) != self->done) {
        tlb_flush_user();
        processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
        __atomic_store_n(&self->done, number, __ATOMIC_SEQ_CST);
    }
}
