/* all is as it should be where there is no machine, and only there. */

/* file: arch/shootdown.c */

static bool has_machine(void)
{
#ifdef FAULTLINE_HOST
    return false;
#else
    return true;
#endif
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (has_machine() || !somebody_remembers(self, root) || shootdown_left_out)
        return;
    request_write(self, root, addresses, count);
    schedule_point();
    for (unsigned i = 0; i < processor_count; i++)
        asked[i] = &processors[i] != self && ask(&processors[i], root);
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            cpu_relax();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
