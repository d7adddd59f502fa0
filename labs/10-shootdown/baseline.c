/* nobody is asked; who is asked all the same says at once that he has forgotten. */

/* file: arch/shootdown.c */

/* without: request_write ask has_forgotten */

void shootdown_catch_up(struct processor *self)
{
    self->done = request.number;
}

void trap_shootdown(void)
{
    lapic_write(LAPIC_EOI, 0);
    this_processor->self->done = request.number;
}

/* Everybody may. */
static bool remembers(const struct processor *other, frame_t root)
{
    (void)other, (void)root;
    return true;
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    (void)root, (void)addresses, (void)count;
    (void)somebody_remembers, (void)done_of, (void)tell_sent;
}

/* file: arch/kernel_lock.c */

static void use_memory(struct processor *self, uint32_t mode)
{
    mode_set(self, mode);
}
