/* mm/demand_paging/object_io.c - the kernel reads and writes the pages of files itself.
 *
 * read() and write() go through the same pages that mmap shows: there is one page for each
 * 4 KiB of a file, so all ways to it see the same bytes. While the kernel copies, the frame
 * is pinned; what it wrote through the direct map shows in no D bit, so it says so. */
#include "mm/demand_paging/object.h"

#include "lib/errno.h"
#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/object_punch.h"
#include "mm/demand_paging/page_in.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

enum pin_for { PIN_FOR_ALL, PIN_TO_READ, PIN_GENTLY };

/* PAGE_NONE: there is nothing to read. */
static int object_pin_locked(struct object *object, uint32_t index, enum pin_for what,
                             page_t *page, struct fault_report *report) REQUIRES(mm)
{
    struct charge charge = {.counted = false};
    bool gently = what == PIN_GENTLY;
    for (;;) {
        charge.group = group_current;
        *page = object_find(object, index);
        if (what == PIN_TO_READ && !page_is(*page) &&
            (uint64_t)index * PAGE_SIZE >= object->backed)
            return 0;
        /* A file that grows leaves some frames to the programs. */
        if (gently && !page_is(*page) &&
            (object_is_full(object) ||
             (frame_counts.free < frame_watermarks.low && !pageout_evict(charge.group))))
            return -ENOMEM;
        enum bring result = page_is(*page)
                                ? page_in(*page, &charge, report)
                                : object_fill(object, index, &charge, page, report);
        if (result == BRING_RESIDENT) {
            frame_pin(page_get(*page)->frame);
            return 0;
        }
        if (result == BRING_ERROR)
            return -EIO;
        if (result == BRING_NO_MEMORY && gently && !pageout_evict(charge.group))
            return -ENOMEM;
        if (result == BRING_NO_MEMORY && !gently && !pageout_wait(charge.group))
            return -EINTR;
    }
}

static int object_pin_how(struct object *object, uint32_t index, enum pin_for what,
                          frame_t *frame, bool *major) EXCLUDES(mm)
{
    page_t page;
    struct fault_report report = {.major = false};
    mm_lock();
    int error = object_pin_locked(object, index, what, &page, &report);
    if (!error)
        *frame = page_is(page) ? page_get(page)->frame : zero_frame;
    mm_unlock();
    if (major != NULL)
        *major |= report.major;
    return error;
}

int object_pin(struct object *object, uint32_t index, frame_t *frame, bool *major)
{
    return object_pin_how(object, index, PIN_FOR_ALL, frame, major);
}

int object_pin_to_read(struct object *object, uint32_t index, frame_t *frame)
{
    return object_pin_how(object, index, PIN_TO_READ, frame, NULL);
}

int object_pin_gently(struct object *object, uint32_t index, frame_t *frame)
{
    return object_pin_how(object, index, PIN_GENTLY, frame, NULL);
}

void object_unpin(frame_t frame, bool written)
{
    if (frame_same(frame, zero_frame))
        return;
    mm_lock();
    frame_get(frame)->dirty |= written;
    page_unpin(frame_get(frame)->page);
    mm_unlock();
}

/* What lies behind the new end in the last page must read as zeroes if the object grows
 * again. */
static int object_clear_tail(struct object *object, uint64_t size) EXCLUDES(mm)
{
    size_t keep = size % PAGE_SIZE;
    uint32_t index = (uint32_t)(size / PAGE_SIZE);
    if (keep == 0 || !object_has(object, index))
        return 0; /* what is read later is read up to the new end */
    frame_t frame;
    int error = object_pin(object, index, &frame, NULL);
    if (!error) {
        __builtin_memset((char *)frame_data(frame) + keep, 0, PAGE_SIZE - keep);
        object_unpin(frame, true);
    }
    return error;
}

int object_resize(struct object *object, uint64_t size)
{
    if (size < object->size) {
        int error = object_clear_tail(object, size);
        if (error)
            return error;
        mm_lock();
        /* Both before others run, who may be on their way to a page. */
        object->size = size;
        if (object->backed > size)
            object->backed = size;
        uint32_t end = (uint32_t)(PAGE_ROUND_UP(size) / PAGE_SIZE);
        object_empty(object, end, UINT32_MAX);
        object_forget_copies(object, end);
        mm_unlock();
        if (object->backed == 0 && object->page_count == 0)
            object->device = NULL; /* nothing of it comes from there any more */
    }
    object->size = size;
    return 0;
}

#define LOOKS_AT_ONCE 64u /* frames, between two looks at the clock */

/* It can go without being written, and nobody would notice. */
static bool is_clean_cache(frame_t at) REQUIRES(mm)
{
    const struct frame *f = frame_get(at);
    if (f->state != FRAME_RESIDENT || f->dirty || f->pins > 0 || mapper_is(f->mappers) ||
        !f->admitted)
        return false;
    const struct object *object = page_get(f->page)->object;
    return object != NULL && object->device != NULL;
}

void objects_drop_clean(void)
{
    mm_assert_locked();
    harvest_begin();
    for (frame_t at = {0}; at.number < nframes; at.number++) {
        if (is_clean_cache(at))
            evict(at);
        if (at.number % LOOKS_AT_ONCE == 0) {
            harvest_end();
            change_rest();
            harvest_begin();
        }
    }
    harvest_end();
}
