/* while nobody runs, nothing is cleared. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    return false;
}
