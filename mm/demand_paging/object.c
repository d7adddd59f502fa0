/* mm/demand_paging/object.c - pages that belong to a file or a shared segment rather
 * than to a space.
 *
 * The hash over (object, index) is the whole "page cache": a lookup by mmap's fault, by
 * read() or by write() finds the same page, so all of them see the same bytes. Its buckets
 * are sized at boot and its chains run through pages[]: inserting cannot fail. */
#include "mm/demand_paging/object.h"

#include "lib/errno.h"
#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

uint64_t object_stored_pages, object_stored_most = UINT64_MAX;

#define LOOKS_AT_ONCE  64u /* pages, between two looks at the clock */
#define BURIED_AT_ONCE 64u /* pages that one release frees itself */

static struct slab_cache object_cache = SLAB_CACHE("object", struct object);

page_t *object_hash;
uint32_t object_hash_mask;

static page_t *object_bucket(const struct object *object, uint32_t index)
{
    uint64_t key = ((uintptr_t)object >> 4) + index * 0x9e3779b97f4a7c15ull;
    return &object_hash[(key >> 7) & object_hash_mask];
}

bool object_is_full(const struct object *object)
{
    return object_is_stored(object) && (object_stored_pages >= object_stored_most ||
                                        object->store->pages >= object->store->most);
}

/* So many pages more, or less. */
static void object_count(struct object *object, int64_t pages)
{
    if (!object_is_stored(object))
        return;
    object_stored_pages += pages;
    object->store->pages += pages;
}

page_t object_find(const struct object *object, uint32_t index)
{
    page_t id = *object_bucket(object, index);
    while (page_is(id)) {
        struct page *page = page_get(id);
        if (page->object == object && page->index == index)
            break;
        id = page->hash_next;
    }
    return id;
}

void object_insert(struct object *object, uint32_t index, page_t id)
{
    struct page *page = page_get(id);
    page_t *bucket = object_bucket(object, index);
    page->object = object;
    page->index = index;
    page->hash_next = *bucket;
    *bucket = id;
    page->object_previous = PAGE_NONE;
    page->object_next = object->first;
    if (page_is(object->first))
        page_get(object->first)->object_previous = id;
    object->first = id;
    object->page_count++;
    object_count(object, 1);
    page_hold(id);
    trace(TRACE_OBJECT, 0, trace_object(object), id, page->frame, index);
}

void object_remove(struct object *object, page_t id)
{
    struct page *page = page_get(id);
    ASSERT(page->object == object);
    page_t *link = object_bucket(object, page->index);
    while (!page_same(*link, id))
        link = &page_get(*link)->hash_next;
    *link = page->hash_next;
    if (page_is(page->object_previous))
        page_get(page->object_previous)->object_next = page->object_next;
    else
        object->first = page->object_next;
    if (page_is(page->object_next))
        page_get(page->object_next)->object_previous = page->object_previous;
    page->object = NULL;
    object->page_count--;
    object_count(object, -1);
    trace_page(TRACE_NO_OBJECT, id, page->frame, 0);
}

/* The object loses a page for good: no space maps it any more, and its contents go. */
static void object_discard(struct object *object, page_t id, struct flush *flush)
    REQUIRES(mm)
{
    if (page_is_resident(id))
        page_unmap_all(page_get(id)->frame, flush);
    object_remove(object, id);
    page_drop(id, flush);
}

struct object *object_create_locked(struct block_device *device, uint64_t position,
                                    uint64_t size)
{
    static uint64_t serial;
    struct object *object = slab_take_for(&object_cache, account_current);
    if (object != NULL) {
        object->serial = ++serial;
        object->device = device;
        object->position = position;
        object->backed = device != NULL ? size : 0;
        object->size = size;
        object->references = 1;
        object->first = PAGE_NONE;
    }
    return object;
}

struct object *object_create(struct block_device *device, uint64_t position, uint64_t size)
{
    mm_lock();
    struct object *object = object_create_locked(device, position, size);
    mm_unlock();
    return object;
}

void object_hold_locked(struct object *object)
{
    object->references++;
}

void object_hold(struct object *object)
{
    mm_lock();
    object_hold_locked(object);
    mm_unlock();
}

void object_empty(struct object *object, uint32_t first, uint32_t last)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    unsigned looked = 0;
    page_t next;
    for (page_t id = object->first; page_is(id); id = next) {
        next = page_get(id)->object_next;
        if (page_get(id)->index >= first && page_get(id)->index < last)
            object_discard(object, id, &flush);
        if (++looked % LOOKS_AT_ONCE == 0) {
            flush_end(&flush);
            if (change_rest())
                next = object->first;
            flush_begin_loaded(&flush);
        }
    }
    flush_end(&flush);
}

void object_drop(struct object *object, uint32_t first, uint32_t last)
{
    mm_lock();
    object_empty(object, first, last);
    mm_unlock();
}

/* --- The end ------------------------------------------------------------------------ */

/* A caller that releases an object may be in the middle of anything, and cannot pause. So an
 * object with too many pages for one go is abandoned to the paging daemon. */
static struct object *abandoned GUARDED_BY(mm);

/* At most so many pages go. True: and the object with the last. */
static bool object_bury(struct object *object) REQUIRES(mm)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    for (unsigned i = 0; i < BURIED_AT_ONCE && page_is(object->first); i++)
        object_discard(object, object->first, &flush);
    flush_end(&flush);
    if (page_is(object->first))
        return false;
    slab_give_locked(&object_cache, object);
    return true;
}

bool objects_bury(void)
{
    mm_assert_locked();
    struct object *object = abandoned;
    if (object == NULL)
        return false;
    abandoned = object->next;
    if (!object_bury(object)) {
        object->next = abandoned;
        abandoned = object;
    }
    return true;
}

/* One holder less. True: that was the last, and there are pages left to bury. */
static bool object_leave(struct object *object) REQUIRES(mm)
{
    mm_assert_locked();
    ASSERT(object->references > 0);
    if (--object->references > 0)
        return false;
    promise_objects -= object->committed;
    object->committed = 0;
    object_count(object,
                 -(int64_t)object->page_count); /* its room is there for others at once */
    object->store = NULL;
    if (object_bury(object))
        return false;
    object->next = abandoned;
    abandoned = object;
    return true;
}

void object_release_locked(struct object *object)
{
    if (object_leave(object))
        pageout_wake_to_bury();
}

/* A caller that is in the middle of nothing waits until the object's memory is there again. */
void object_release(struct object *object)
{
    mm_lock();
    if (object_leave(object))
        while (objects_bury())
            change_rest();
    mm_unlock();
}

bool object_has(const struct object *object, uint32_t index)
{
    mm_lock();
    bool has = page_is(object_find(object, index));
    mm_unlock();
    return has;
}

frame_t object_peek(struct object *object, uint32_t index)
{
    page_t id = object_find(object, index);
    if (!page_is(id) || !page_is_resident(id))
        return FRAME_NONE;
    return page_get(id)->frame;
}

/* --- Filling ---------------------------------------------------------------------- */

static void object_read_done(struct block_request *request) REQUIRES(mm)
{
    request->complete = true;
    above_wake(frame_get(request->frame));
}

/* Read the page's bytes from the device. The frame is BUSY and pinned meanwhile, so that it
 * stays this page's frame whoever lets go of the page. True when it slept. */
static bool object_read(struct object *object, uint32_t index, frame_t frame, int *error)
    REQUIRES(mm)
{
    uint64_t offset = (uint64_t)index * PAGE_SIZE;
    uint64_t left = object->backed - offset;
    struct block_request request = {
        .device = object->device,
        .position = object->position + offset,
        .length = left < PAGE_SIZE ? (uint32_t)left : PAGE_SIZE,
        .frame = frame,
        .done = object_read_done,
    };
    if (request.length < PAGE_SIZE)
        frame_clear(frame);
    block_submit(&request);
    bool slept = !request.complete;
    while (!request.complete)
        above_sleep(frame_get(frame));
    *error = request.error;
    return slept;
}

/* A page that nobody has read yet, from the device. */
static enum bring object_fill_from_device(struct object *object, uint32_t index, page_t id,
                                          frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->state = FRAME_BUSY;
    trace_page(TRACE_STATE, id, frame, FRAME_BUSY);
    group_read_begins(frame);
    frame_pin(frame);
    int error;
    bool slept = object_read(object, index, frame, &error);
    frame_get(frame)->state = FRAME_RESIDENT;
    trace_page(TRACE_STATE, id, frame, FRAME_RESIDENT);
    above_wake(frame_get(frame)); /* those that found it BUSY look again */
    group_read_ends(frame);
    group_file_came(&groups[frame_get(frame)->group]);
    if (error && page_get(id)->object == object) {
        object_remove(object, id);
        page_get(id)->holders--;
    }
    page_unpin(id);
    if (error)
        return BRING_ERROR;
    return slept ? BRING_AGAIN : BRING_RESIDENT;
}

enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    mm_assert_locked();
    bool device = (uint64_t)index * PAGE_SIZE < object->backed;
    frame_t frame;
    if (!page_create(charge, !device, page, &frame))
        return BRING_NO_MEMORY;
    report->kind = FAULT_FILE;
    object_insert(object, index, *page);
    if (!device)
        return BRING_RESIDENT;
    report->major = true;
    return object_fill_from_device(object, index, *page, frame);
}
