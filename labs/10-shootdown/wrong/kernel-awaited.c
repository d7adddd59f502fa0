/* whoever is in the kernel has to answer, too. */

/* file: arch/shootdown.c */

static bool has_forgotten(const struct processor *other)
{
    uint32_t mode = mode_of(other);
    return done_of(other) == request.number || mode == PROCESSOR_IDLE;
}

static bool ask(struct processor *other, frame_t root)
{
    uint64_t before = request.number - 1;
    if (!remembers(other, root)) {
        __atomic_compare_exchange_n(&other->done, &before, request.number, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        tell_sent(other, PROCESSOR_ELSEWHERE);
        return false;
    }
    uint32_t mode = mode_of(other);
    tell_sent(other, mode);
    if (mode == PROCESSOR_USER) {
        shootdown_counts.interrupts++;
        lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_SHOOTDOWN);
    } else {
        shootdown_counts.avoided++;
    }
    return mode != PROCESSOR_IDLE;
}
