/* mm/check/dump.c - the state of memory, written into the trace.
 *
 * A trace tells changes; whoever adds them up knows the state at any moment. Here the kernel
 * says what the state *is*, from the arrays and tables themselves, so that the sum can be
 * checked: frame by frame, page by page, entry by entry. */
#include "mm/check/dump.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"
#include "mm/view.h"

static void dump_frame(frame_t number) REQUIRES(mm)
{
    const struct frame *frame = frame_get(number);
    uint64_t detail = frame->state;
    uint64_t mappers = 0;
    if (frame->state == FRAME_KERNEL)
        return;
    if (frame->state == FRAME_RESIDENT || frame->state == FRAME_BUSY) {
        detail |= frame->group * TRACE_FRAME_GROUP;
        detail |= frame->dirty ? TRACE_FRAME_DIRTY : 0;
        detail |= frame->referenced ? TRACE_FRAME_REFERENCED : 0;
        detail |= frame->wired ? TRACE_FRAME_WIRED : 0;
        for (mapper_t at = frame->mappers; mapper_is(at); at = mapper_link(at)->next)
            mappers++;
    }
    if (frame->state == FRAME_FREE && frame->zeroed)
        detail |= TRACE_FRAME_ZEROED;
    trace(TRACE_DUMP_FRAME, 0, mappers, frame->page, number, detail);
}

/* An id that is in use has holders, or at least a frame that says it is this page's. */
static void dump_page(page_t id) REQUIRES(mm)
{
    const struct page *page = page_get(id);
    bool named = frame_is(page->frame) && page_same(frame_get(page->frame)->page, id);
    if (!named && !(slot_is(page->slot) && page->holders > 0))
        return;
    uint64_t index = page->object != NULL ? page->index : UINT32_MAX;
    trace(TRACE_DUMP_PAGE, 0, page->holders, id, page->frame,
          page->slot.number | index << 32);
}

static void dump_space(struct space *space) REQUIRES(mm)
{
    for (const struct region *region = space->first; region != NULL; region = region->next)
        region_trace(TRACE_DUMP_REGION, space->id, region);
    struct page_view view;
    for (uintptr_t at = 0; view_next_locked(space, at, &view);
         at = view.address + PAGE_SIZE)
        trace(TRACE_DUMP_ENTRY, space->id, view.address, view.page, view.frame,
              view.pte.bits);
}

void dump_state(void)
{
    mm_lock();
    trace_page(TRACE_DUMP, PAGE_NONE, FRAME_NONE, 1);
    for (frame_t frame = {0}; frame.number < nframes; frame.number++)
        dump_frame(frame);
    for (page_t page = {0}; page.id < npages; page.id++)
        dump_page(page);
    for (struct space *space = space_first; space != NULL; space = space->next)
        dump_space(space);
    trace_page(TRACE_DUMP, PAGE_NONE, FRAME_NONE, 0);
    mm_unlock();
}
