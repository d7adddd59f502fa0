/* who waits stays outside until there is room. */

/* file: kernel/thrashing/load_control.c */

static void rotate(struct load_sample *sample)
{
    (void)sample, (void)victim, (void)waiter, (void)out;
}
