/* who has been asked is a bit. */

/* file: arch/shootdown.c */

static unsigned still_asked(unsigned bits)
{
    unsigned left = 0;
    for (unsigned i = 0; i < processor_count; i++)
        if (bits & 1u << i && !has_forgotten(&processors[i]))
            left |= 1u << i;
    return left;
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    unsigned bits = 0;
    if (shootdown_left_out || !somebody_remembers(self, root))
        return;
    request_write(self, root, addresses, count);
    for (unsigned i = 0; i < processor_count; i++)
        if (i != self->number && ask(&processors[i], root))
            bits |= 1u << i;
    while ((bits = still_asked(bits)) != 0)
        cpu_relax();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
