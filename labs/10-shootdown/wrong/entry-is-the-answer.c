/* only who has entered the kernel has answered. */

/* file: arch/shootdown.c */

static bool has_forgotten(const struct processor *other)
{
    (void)done_of;
    return !mode_uses_memory(mode_of(other));
}
