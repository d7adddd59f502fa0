/* kernel/procfs/frame_map.c - /proc/frames: all of physical memory, a letter a frame.
 *
 *     K  the kernel's, or no memory at all     .  free       p  a private page
 *     T  a page table                          0  free, all zeroes     s  one that several hold
 *     !  its contents are on their way         k  free, keeps a page   f  an object's page
 *                                                                      w  wired */
#include "kernel/procfs/proc.h"
#include "mm/mm.h"

static char letter_of_page(const struct frame_view *view)
{
    if (view->wired)
        return 'w';
    if (view->of_object)
        return 'f';
    return view->holders > 1 ? 's' : 'p';
}

static char letter_of(const struct frame_view *view)
{
    switch (view->state) {
    case FRAME_FREE:
        return view->holds_page ? 'k' : view->zeroed ? '0' : '.';
    case FRAME_RESIDENT:
        return view->holds_page ? letter_of_page(view) : '!';
    case FRAME_BUSY:
        return '!';
    case FRAME_TABLE:
        return 'T';
    default:
        return 'K';
    }
}

int proc_frames(struct proc_text *text, struct process *process __attribute__((unused)))
{
    struct frame_view views[PROC_VIEWS];
    char letters[PROC_VIEWS];

    for (uint32_t first = 0; first < nframes; first += PROC_VIEWS) {
        unsigned count = view_frames(first, views, PROC_VIEWS);
        for (unsigned i = 0; i < count; i++)
            letters[i] = letter_of(&views[i]);
        proc_add(text, letters, count);
        thread_breathe();
    }
    proc_add(text, "\n", 1);
    return 0;
}
