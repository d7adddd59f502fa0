/* who leaves has the number, and then forgets. */

/* file: arch/shootdown.c */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (self->done == number)
        return;
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
    tlb_flush_user();
}
