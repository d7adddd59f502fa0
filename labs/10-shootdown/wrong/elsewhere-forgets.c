/* who has another space has to forget, too, later. */

/* file: arch/shootdown.c */

static bool ask(struct processor *other, frame_t root)
{
    uint64_t before = request.number - 1;
    if (!remembers(other, root)) {
        (void)before;
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
    return mode_uses_memory(mode);
}
