/* on the way out nobody looks for requests. */

/* file: arch/kernel_lock.c */

static void use_memory(struct processor *self, uint32_t mode)
{
    mode_set(self, mode);
}
