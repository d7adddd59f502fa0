/* who leaves looks for requests, and then says that it does. */

/* file: arch/kernel_lock.c */

static void use_memory(struct processor *self, uint32_t mode)
{
    shootdown_catch_up(self);
    mode_set(self, mode);
}
