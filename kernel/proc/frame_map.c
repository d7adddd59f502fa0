/* frame_map.c - /proc/frames: all of physical memory, a letter a frame.
 *
 *     K  the kernel's, or no memory at all     .  free       p  a private page
 *     T  a page table                          0  free, all zeroes     s  one that several hold
 *     !  its contents are on their way         k  free, keeps a page   f  an object's page
 *                                                                      w  wired */
#include "kernel/proc/proc.h"
#include "mm/mm.h"

static char letter_of_free(const struct frame *frame)
{
    if (page_is(frame->page))
        return 'k';
    return frame->zeroed ? '0' : '.';
}

static char letter_of_page(const struct frame *frame)
{
    const struct page *page = page_get(frame->page);

    if (frame->wired)
        return 'w';
    if (page->object)
        return 'f';
    return page->holders > 1 ? 's' : 'p';
}

static char letter_of(const struct frame *frame)
{
    switch (frame->state) {
    case FRAME_FREE:
        return letter_of_free(frame);
    case FRAME_RESIDENT:
        return page_is(frame->page) ? letter_of_page(frame) : '!';
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
    char letters[256];
    unsigned used = 0;

    for (uint32_t i = 0; i < nframes; i++) {
        letters[used++] = letter_of(&frames[i]);
        if (used == sizeof(letters)) {
            proc_add(text, letters, used);
            used = 0;
            thread_breathe();
        }
    }
    letters[used++] = '\n';
    proc_add(text, letters, used);
    return 0;
}
