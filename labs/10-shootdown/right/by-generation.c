/* a number that is as high is an answer. */

/* file: arch/shootdown.c */

static bool has_forgotten(const struct processor *other)
{
    uint32_t mode = mode_of(other);
    return (mode != PROCESSOR_USER && mode != PROCESSOR_COPY) ||
           done_of(other) >= request.number;
}

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (self->done < number) {
        tlb_flush_user();
        processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
        __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
    }
}
