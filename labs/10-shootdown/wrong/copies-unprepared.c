/* who copies has not looked for requests. */

/* file: arch/kernel_lock.c */

static void use_memory(struct processor *self, uint32_t mode)
{
    mode_set(self, mode);
    if (mode == PROCESSOR_USER)
        shootdown_catch_up(self);
}
