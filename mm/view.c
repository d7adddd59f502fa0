/* mm/view.c - looking at a space from outside.  See view.h for the idea. */
#include "mm/view.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

/* --- Pages ------------------------------------------------------------------------------ */

static void view_fill_named(struct page_view *view, page_t id) REQUIRES(mm)
{
    const struct page *page = page_get(id);
    view->page = id;
    view->slot = page->slot;
    view->holders = page->holders;
    view->of_object = page->object != NULL;
    view->of_device = view->of_object && page->object->device != NULL;
    if (!page_is_resident(id))
        return;
    view->frame = page->frame;
    view->dirty = frame_get(page->frame)->dirty;
}

static void view_fill(struct page_view *view, uintptr_t address, pte_t entry) REQUIRES(mm)
{
    *view = (struct page_view){
        .address = address,
        .pte = entry,
        .page = PAGE_NONE,
        .frame = FRAME_NONE,
        .slot = SLOT_NONE,
    };
    if (!pte_is_present(entry)) {
        view_fill_named(view, pte_page(entry));
    } else if (!page_is(frame_get(pte_frame(entry))->page)) {
        view->frame = pte_frame(entry); /* the zero page, and what all spaces have */
    } else {
        const struct frame *frame = frame_get(pte_frame(entry));
        view_fill_named(view, frame->page);
        view->alone = !mapper_is(mapper_link(frame->mappers)->next);
    }
}

bool view_page(struct space *space, uintptr_t address, struct page_view *view)
{
    mm_lock();
    pte_t entry = position_look(&space->table, address);
    bool there = !pte_is_zero(entry);
    if (there)
        view_fill(view, PAGE_ROUND_DOWN(address), entry);
    mm_unlock();
    return there;
}

bool view_next_locked(struct space *space, uintptr_t address, struct page_view *view)
{
    struct position at;
    position_begin(&at, &space->table, PAGE_ROUND_DOWN(address), USER_END);
    bool there = position_find(&at);
    if (there)
        view_fill(view, position_address(&at), position_read(&at));
    return there;
}

bool view_next(struct space *space, uintptr_t address, struct page_view *view)
{
    mm_lock();
    bool there = view_next_locked(space, address, view);
    mm_unlock();
    return there;
}

unsigned view_pages(struct space *space, uintptr_t *at, uintptr_t end,
                    struct page_view *views, unsigned most)
{
    struct position place;
    unsigned count = 0;
    position_begin(&place, &space->table, *at, end);
    mm_lock();
    bool there = position_enter(&place);
    for (; there && position_find_here(&place) && count < most; position_step(&place))
        view_fill(&views[count++], position_address(&place), position_read(&place));
    position_again(&place);
    mm_unlock();
    *at = there ? place.stop : end;
    return count;
}

static uintptr_t address_in(struct space *space, page_t page) REQUIRES(mm)
{
    struct page_view view = {.address = 0};
    for (uintptr_t at = 0; view_next_locked(space, at, &view);
         at = view.address + PAGE_SIZE)
        if (page_same(view.page, page))
            return view.address;
    return 0;
}

uintptr_t view_address(page_t page)
{
    frame_t frame = page_get(page)->frame;
    if (page_get(page)->object != NULL)
        return 0;
    if (frame_is(frame) && frame_get(frame)->state != FRAME_FREE &&
        mapper_is(frame_get(frame)->mappers))
        return mapper_address(frame_get(frame)->mappers);
    for (struct space *space = space_first; space != NULL; space = space->next) {
        uintptr_t address = address_in(space, page);
        if (address != 0)
            return address;
    }
    return 0;
}

uint64_t view_resident(struct space *space)
{
    mm_lock();
    uint64_t count = space_resident(space);
    mm_unlock();
    return count;
}

/* --- Regions ---------------------------------------------------------------------------- */

static bool region_fill(struct region_view *view, const struct region *region) REQUIRES(mm)
{
    if (region == NULL)
        return false;
    *view = (struct region_view){
        .start = region->start,
        .end = region->end,
        .access = region->access,
        .access_max = region->access_max,
        .shared = region->shared,
        .grows_down = region->grows_down,
        .wired = region->wired,
        .not_forked = region->not_forked,
        .not_dumped = region->not_dumped,
        .wiped = region->wiped,
        .tracked = region->tracked,
        .index = region->index,
        .object = region->object,
    };
    if (region->object != NULL) {
        view->owner = region->object->owner;
        view->object_size = region->object->size;
    }
    return true;
}

/* What all spaces have looks as if it were two regions. */
static bool shared_fill(struct region_view *view, uintptr_t address) REQUIRES(mm)
{
    uintptr_t start = address < SHARED_CODE ? SHARED_DATA : SHARED_CODE;
    unsigned access = shared_code_access(start);
    *view = (struct region_view){
        .start = start,
        .end = start + PAGE_SIZE,
        .access = (uint8_t)access,
        .access_max = (uint8_t)access,
        .not_dumped = start == SHARED_DATA,
        .of_kernel = true,
    };
    return true;
}

bool view_region(struct space *space, uintptr_t address, struct region_view *view)
{
    mm_lock();
    bool there = frame_is(shared_code_frame(space, address))
                     ? shared_fill(view, address)
                     : region_fill(view, region_find(space, address));
    mm_unlock();
    return there;
}

bool view_region_above(struct space *space, uintptr_t address, struct region_view *view)
{
    mm_lock();
    const struct region *region = region_at_or_above(space, address);
    bool shared = address < SHARED_END && (region == NULL || region->start > SHARED_DATA) &&
                  shared_code_there(space);
    bool there = shared ? shared_fill(view, address) : region_fill(view, region);
    mm_unlock();
    return there;
}

bool view_group_used(uint16_t group)
{
    mm_lock();
    const struct space *space = space_first;
    while (space != NULL && space->group != group)
        space = space->next;
    mm_unlock();
    return space != NULL;
}

uintptr_t view_gap(struct space *space, size_t length, uintptr_t bottom, uintptr_t top)
{
    mm_lock();
    uintptr_t gap = region_gap(space, length, bottom, top);
    mm_unlock();
    return gap;
}

/* --- Frames and objects ----------------------------------------------------------------- */

static void frame_fill(struct frame_view *view, const struct frame *frame) REQUIRES(mm)
{
    bool used = frame->state == FRAME_RESIDENT || frame->state == FRAME_BUSY;
    *view = (struct frame_view){
        .state = frame->state,
        .zeroed = frame->zeroed,
        .dirty = frame->dirty,
        .referenced = frame->referenced || frame->recent,
        .wired = frame->wired > 0,
        .admitted = frame->admitted,
        .mapped = used && mapper_is(frame->mappers),
        .group = frame->group,
        .holds_page = (used || frame->state == FRAME_FREE) && page_is(frame->page),
    };
    if (!view->holds_page)
        return;
    const struct page *page = page_get(frame->page);
    view->of_object = page->object != NULL;
    view->of_device = view->of_object && page->object->device != NULL;
    view->has_slot = slot_is(page->slot);
    view->holders = page->holders;
}

unsigned view_frames(uint32_t first, struct frame_view *views, unsigned most)
{
    unsigned count = 0;
    mm_lock();
    for (; count < most && first + count < nframes; count++)
        frame_fill(&views[count], &frames[first + count]);
    mm_unlock();
    return count;
}

uint32_t view_mappers(uint32_t number)
{
    uint32_t count = 0;
    mm_lock();
    const struct frame *frame = &frames[number];
    if (frame->state == FRAME_RESIDENT && page_is(frame->page))
        for (mapper_t at = frame->mappers; mapper_is(at); at = mapper_link(at)->next)
            count++;
    mm_unlock();
    return count;
}

void view_object(const struct object *object, uint64_t *resident, uint64_t *swapped)
{
    *resident = *swapped = 0;
    mm_lock();
    for (page_t at = object->first; page_is(at); at = page_get(at)->object_next) {
        if (page_is_resident(at))
            ++*resident;
        else
            *swapped += slot_is(page_get(at)->slot);
    }
    mm_unlock();
}
