/* who waits does not say so. */

/* file: arch/shootdown.c */

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root) || shootdown_left_out)
        return;
    request_write(self, root, addresses, count);
    schedule_point();
    for (unsigned i = 0; i < processor_count; i++)
        asked[i] = &processors[i] != self && ask(&processors[i], root);
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            continue;
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
