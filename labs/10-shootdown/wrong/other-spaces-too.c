/* who has another space is interrupted, too. */

/* file: arch/shootdown.c */

static bool remembers(const struct processor *other, frame_t root)
{
    frame_t loaded = {__atomic_load_n(&other->root.number, __ATOMIC_ACQUIRE)};
    return !frame_same(loaded, kernel_root()) || frame_same(loaded, root);
}
