/* who leaves forgets all, asked or not. */

/* file: arch/shootdown.c */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    tlb_flush_user();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}
