/* mm/page.c - ids for logical pages: given out, counted, given back.
 *
 * A page lives as long as somebody holds it: a pte that names it, or an object. Sharing a
 * page (fork, a mapped file) is one holder more; that is all that copy-on-write needs to
 * know to decide whether a writer must have a copy of its own. */
#include "mm/page.h"

#include "mm/flush.h"
#include "mm/group.h"
#include "mm/trace.h"

struct page *pages;
uint32_t npages;
uint32_t page_count;

/* Ids given back, chained through hash_next; and ids never used yet, from here on up. */
static page_t page_unused = {UINT32_MAX};
static uint32_t page_fresh;

page_t page_take(frame_t frame)
{
    page_t id = page_unused;
    if (page_is(id)) {
        page_unused = page_get(id)->hash_next;
    } else {
        ASSERT(page_fresh < npages);
        id.id = page_fresh++;
    }
    page_count++;
    struct page *page = page_get(id);
    page->holders = 0;
    page->frame = frame;
    page->slot = SLOT_NONE;
    page->object = NULL;
    frame_get(frame)->page = id;
    return id;
}

bool page_create(uint16_t group, bool zeroed, page_t *page, frame_t *frame)
{
    if (!group_charge(group))
        return false;
    *frame = zeroed ? frame_take_zeroed(FRAME_FOR_USER, FRAME_RESIDENT)
                    : frame_take(FRAME_FOR_USER, FRAME_RESIDENT);
    if (!frame_is(*frame)) {
        group_uncharge(group);
        return false;
    }
    frame_get(*frame)->group = group;
    *page = page_take(*frame);
    return true;
}

void page_end(page_t id, struct flush *flush)
{
    struct page *page = page_get(id);
    ASSERT(page->holders == 0 && page->object == NULL);
    frame_t frame = page->frame;
    if (frame_is(frame)) {
        trace(TRACE_FREE, 0, 0, id, frame, 0);
        group_uncharge(frame_get(frame)->group);
        frame_get(frame)->page = PAGE_NONE;
        flush_doom(flush, frame);
    }
    page->frame = FRAME_NONE;
    page->hash_next = page_unused;
    page_unused = id;
    page_count--;
}

void page_drop(page_t id, struct flush *flush)
{
    struct page *page = page_get(id);
    ASSERT(page->holders > 0);
    if (--page->holders == 0 && frame_get(page->frame)->pins == 0)
        page_end(id, flush);
}

void page_unpin(page_t id)
{
    struct page *page = page_get(id);
    frame_unpin(page->frame);
    if (page->holders > 0 || frame_get(page->frame)->pins > 0)
        return;
    struct flush flush = {.live = false, .count = 0, .doomed = FRAME_NONE};
    page_end(id, &flush);
    flush_end(&flush);
}
