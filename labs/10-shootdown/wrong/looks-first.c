/* it is looked who uses memory before the request is written. */

/* file: arch/shootdown.c */

static bool ask(struct processor *other, frame_t root)
{
    (void)root;
    shootdown_counts.interrupts++;
    lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_SHOOTDOWN);
    return true;
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root) || shootdown_left_out)
        return;
    bool elsewhere[PROCESSORS_MOST] = {false};
    uint32_t modes[PROCESSORS_MOST];
    for (unsigned i = 0; i < processor_count; i++) {
        elsewhere[i] = !remembers(&processors[i], root);
        modes[i] = elsewhere[i] ? PROCESSOR_ELSEWHERE : mode_of(&processors[i]);
    }
    schedule_point();
    request_write(self, root, addresses, count);
    for (unsigned i = 0; i < processor_count; i++) {
        uint64_t before = request.number - 1;
        if (&processors[i] == self)
            continue;
        tell_sent(&processors[i], modes[i]);
        asked[i] = mode_uses_memory(modes[i]);
        if (elsewhere[i])
            __atomic_compare_exchange_n(&processors[i].done, &before, request.number, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        else if (modes[i] == PROCESSOR_USER)
            ask(&processors[i], root);
        else
            shootdown_counts.avoided++;
    }
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            cpu_relax();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
