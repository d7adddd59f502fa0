/* kernel/procfs/frames.c - memory for programs to read: /proc/PID/pagemap,
 * /proc/kpagecount, kpageflags.
 *
 * Files of 64-bit words, found by position: one for each page of a space (which frame?), or
 * for each frame (how many map it? what is it?), as Linux's Documentation/admin-guide/mm/
 * pagemap.rst lays them out. So a program can say of any address which frame it is in, and
 * who else has it. /proc/PID/clear_refs has "referenced", "written" and the peak begin anew. */
#include "arch/user.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define WORD          sizeof(uint64_t)
#define WORDS_AT_ONCE 64u /* between two looks at the clock */

/* pagemap */
#define MAP_WRITTEN   (1ull << 55) /* since clear_refs: Linux's "soft-dirty" */
#define MAP_EXCLUSIVE (1ull << 56)
#define MAP_FILE      (1ull << 61)
#define MAP_SWAPPED   (1ull << 62)
#define MAP_PRESENT   (1ull << 63)
#define SWAP_SHIFT    5 /* the slot, behind the number of the swap area */

/* kpageflags: bits */
enum {
    FLAG_LOCKED = 0,
    FLAG_REFERENCED = 2,
    FLAG_UPTODATE = 3,
    FLAG_DIRTY = 4,
    FLAG_LRU = 5,
    FLAG_BUDDY = 10,
    FLAG_MMAP = 11,
    FLAG_ANON = 12,
    FLAG_SWAPCACHE = 13,
    FLAG_SWAPBACKED = 14,
    FLAG_UNEVICTABLE = 18,
    FLAG_NOPAGE = 20,
    FLAG_ZERO_PAGE = 24,
    FLAG_PGTABLE = 26,
    FLAG_RESERVED = 32,
};
#define FLAG(bit) (1ull << (bit))

/* --- Words by position -------------------------------------------------------------------- */

/* Copy out the words from *position on; `word` makes the n-th, of `count`. */
static long words_read(void __user *buffer, size_t length, uint64_t *position,
                       uint64_t count, uint64_t (*word)(const void *of, uint64_t n),
                       const void *of)
{
    size_t done = 0;

    if (*position % WORD || length % WORD)
        return -EINVAL;
    for (uint64_t n = *position / WORD; done < length && n < count; n++) {
        if (n % WORDS_AT_ONCE == 0)
            thread_breathe();
        uint64_t value = word(of, n);
        if (copy_to_user((char __user *)buffer + done, &value, WORD))
            return done ? (long)done : -EFAULT;
        done += WORD;
        *position += WORD;
    }
    return done;
}

/* --- pagemap -------------------------------------------------------------------------------- */

static uint64_t where_word(const struct page_view *view)
{
    uint64_t exclusive = view->holders == 1 ? MAP_EXCLUSIVE : 0;

    if (pte_is_present(view->pte))
        return MAP_PRESENT | view->frame.number | (view->of_object ? MAP_FILE : 0) |
               (view->alone ? MAP_EXCLUSIVE : 0);
    if (frame_is(view->frame))
        return MAP_PRESENT | view->frame.number | exclusive;
    return slot_is(view->slot)
               ? MAP_SWAPPED | (uint64_t)view->slot.number << SWAP_SHIFT | exclusive
               : exclusive;
}

static uint64_t page_word(const void *of, uint64_t n)
{
    struct space *space = (struct space *)of;
    struct region_view region;
    struct page_view view;
    bool there = view_page(space, n * PAGE_SIZE, &view);
    uint64_t word = there ? where_word(&view) : 0;

    /* A region that has come since is written, all of it. */
    if (view_region(space, n * PAGE_SIZE, &region) &&
        !(region.tracked && (!there || pte_is_unwritten(view.pte))))
        word |= MAP_WRITTEN;
    return word;
}

static long pagemap_read(struct file *file, void __user *buffer, size_t length,
                         uint64_t *position)
{
    struct process *process;
    int error = proc_process(file->inode, &process);

    if (error || !process->space)
        return error;
    struct space *space = process->space; /* the copying may sleep: it must stay */
    space_hold(space);
    long done =
        words_read(buffer, length, position, USER_END / PAGE_SIZE, page_word, space);
    space_release(space);
    return done;
}

const struct inode_operations proc_pagemap_operations = {
    .seek = SEEK_ADDRESS,
    .open = proc_memory_open,
    .read = pagemap_read,
    .destroy = proc_inode_destroy,
};

/* --- kpagecount, kpageflags ------------------------------------------------------------------ */

static uint64_t count_word(const void *of __attribute__((unused)), uint64_t n)
{
    return view_mappers(n);
}

static uint64_t resident_flags(const struct frame_view *view)
{
    uint64_t flags = FLAG(FLAG_UPTODATE) | FLAG(view->wired ? FLAG_UNEVICTABLE : FLAG_LRU);

    flags |= view->referenced ? FLAG(FLAG_REFERENCED) : 0;
    flags |= view->dirty ? FLAG(FLAG_DIRTY) : 0;
    flags |= view->state == FRAME_BUSY ? FLAG(FLAG_LOCKED) : 0;
    flags |= view->mapped ? FLAG(FLAG_MMAP) : 0;
    flags |= view->of_object ? 0 : FLAG(FLAG_ANON);
    flags |= view->of_device ? 0 : FLAG(FLAG_SWAPBACKED);
    return flags | (view->has_slot ? FLAG(FLAG_SWAPCACHE) : 0);
}

static uint64_t flags_word(const void *of __attribute__((unused)), uint64_t n)
{
    struct frame_view view;

    if (n == zero_frame.number)
        return FLAG(FLAG_ZERO_PAGE) | FLAG(FLAG_MMAP);
    view_frames(n, &view, 1);
    switch (view.state) {
    case FRAME_FREE:
        return FLAG(FLAG_BUDDY);
    case FRAME_TABLE:
        return FLAG(FLAG_PGTABLE);
    case FRAME_KERNEL:
        return FLAG(FLAG_RESERVED);
    default:
        return view.holds_page ? resident_flags(&view) : 0;
    }
}

static long count_read(struct file *file __attribute__((unused)), void __user *buffer,
                       size_t length, uint64_t *position)
{
    return words_read(buffer, length, position, nframes, count_word, NULL);
}

static long flags_read(struct file *file __attribute__((unused)), void __user *buffer,
                       size_t length, uint64_t *position)
{
    return words_read(buffer, length, position, nframes, flags_word, NULL);
}

const struct inode_operations proc_kpagecount_operations = {
    .seek = SEEK_ADDRESS,
    .read = count_read,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_kpageflags_operations = {
    .seek = SEEK_ADDRESS,
    .read = flags_read,
    .destroy = proc_inode_destroy,
};

/* --- clear_refs ----------------------------------------------------------------------- */

/* Sleeps: the space is held. */
static void space_clear(struct space *space, int what)
{
    if (what == 5)
        space_peak_reset(space);
    else if (what == 4)
        space_track_writes(space);
    else
        space_clear_referenced(space, what != 2, what != 3);
}

static long clear_write(struct file *file, const void __user *buffer, size_t length,
                        uint64_t *position)
{
    struct process *process;
    int what;
    long taken = proc_number_fetch(buffer, length, 10, &what);

    if (taken < 0)
        return taken;
    if (what < 1 || what > 5)
        return -EINVAL;
    int error = proc_process(file->inode, &process);
    if (error)
        return error;
    struct space *space = process->space;
    if (space) {
        space_hold(space); /* the process may end meanwhile */
        space_clear(space, what);
        space_release(space);
    }
    *position += taken;
    return taken;
}

const struct inode_operations proc_clear_refs_operations = {
    .seek = SEEK_NOWHERE,
    .write = clear_write,
    .destroy = proc_inode_destroy,
};
