/* mm/replacement/harvest.c - which pages were used? The one reader of the A bits.
 *
 * The processor sets A in an entry when it is used, and D when the page is written; it never
 * clears them. A page has as many A bits as mappers, and several who want to know (the
 * policy, the history for ageing and working sets): so one function collects, and gives
 * each reader a bit of its own in frames[], which only that reader clears; what one space
 * used stands in the age of its entries.
 *
 * An entry whose A was cleared must be flushed, or the processor, still remembering the
 * translation, does not set A again, and every page looks unused: CLOCK becomes FIFO
 * (X86-CHECKLIST 4). The flushes of one round are batched. */
#include "mm/replacement/harvest.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/policy.h"
#include "mm/trace.h"

#define TICKED_AT_ONCE 1024u /* frames */

static struct flush harvest_flush GUARDED_BY(mm);
static bool harvest_open GUARDED_BY(mm);

void harvest_begin(void)
{
    ASSERT(!harvest_open);
    harvest_open = true;
    flush_begin_loaded(&harvest_flush);
}

void harvest_end(void)
{
    ASSERT(harvest_open);
    flush_end(&harvest_flush);
    harvest_open = false;
}

void harvest(frame_t frame)
{
    ASSERT(harvest_open);
    struct frame *f = frame_get(frame);
    bool used = false;
    for (mapper_t at = f->mappers; mapper_is(at); at = mapper_link(at)->next) {
        if (pte_is_referenced(*mapper_entry(at))) {
            pte_clear_bits(mapper_entry(at), PTE_REFERENCED | PTE_AGE);
            mapper_flush(at, &harvest_flush);
            used = true;
        }
    }
    if (used)
        f->referenced = f->recent = true;
}

bool harvest_modified(frame_t frame)
{
    const struct frame *f = frame_get(frame);
    bool modified = f->dirty;
    for (mapper_t at = f->mappers; mapper_is(at) && !modified; at = mapper_link(at)->next)
        modified = pte_is_dirty(*mapper_entry(at));
    return modified;
}

/* Every entry that points to the frame loses W, and no processor remembers that it had it. */
static void harvest_protect(frame_t frame) REQUIRES(mm)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    mapper_t at = frame_get(frame)->mappers;
    for (; mapper_is(at); at = mapper_link(at)->next) {
        if (!pte_is_writable(pte_read(mapper_entry(at))))
            continue;
        pte_clear_bits(mapper_entry(at), PTE_WRITABLE);
        mapper_flush(at, &flush);
    }
    flush_end(&flush);
}

/* "Yes" is final whoever writes; "no" only when nobody can. */
bool harvest_modified_finally(frame_t frame)
{
    if (harvest_modified(frame))
        return true;
    harvest_protect(frame);
    return harvest_modified(frame);
}

static void tick_frame(struct group *group, frame_t at) REQUIRES(mm)
{
    struct frame *frame = frame_get(at);
    if (!frame->admitted || frame->state != FRAME_RESIDENT)
        return;
    harvest(at);
    bool recent = frame->recent;
    frame->recent = false;
    frame->history = frame->history >> 1 | (uint32_t)recent << 31;
    if (recent && group->hooks == NULL)
        policy_referenced(group->policy, group, at);
}

/* From `at` on, so many of the group's frames. The next after them. */
static frame_t tick_frames(struct group *group, frame_t at, uint32_t most) REQUIRES(mm)
{
    harvest_begin();
    for (; most > 0 && frame_is(at); most--) {
        frame_t next = frame_get(at)->group_next;
        tick_frame(group, at);
        at = next;
    }
    harvest_end();
    return at;
}

static void tick_begin(struct group *group) REQUIRES(mm)
{
    group->ticks++;
    trace_page(TRACE_TICK, PAGE_NONE, FRAME_NONE, group_index(group));
}

void harvest_tick(struct group *group)
{
    tick_begin(group);
    tick_frames(group, group->first, UINT32_MAX);
}

/* Frames that leave the group meanwhile take the place to go on with them (group.c). */
void harvest_tick_in_parts(struct group *group)
{
    tick_begin(group);
    group->tick_at = group->first;
    while (frame_is(group->tick_at)) {
        group->tick_at = tick_frames(group, group->tick_at, TICKED_AT_ONCE);
        change_rest();
    }
}
