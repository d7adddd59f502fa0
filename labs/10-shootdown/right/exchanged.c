/* modes and numbers are exchanged, and in no order but all others'. */

/* file: arch/shootdown.c */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (number == self->done)
        return;
    tlb_flush_user();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
    (void)__atomic_exchange_n(&self->done, number, __ATOMIC_SEQ_CST);
}

/* file: arch/kernel_lock.c */

static void use_memory(struct processor *self, uint32_t mode)
{
    (void)mode_set(self, mode);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    shootdown_catch_up(self);
}
