/* mm/view.c - looking at a space from outside, for /proc and for choosing a victim. */
#include "mm/view.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

static void view_fill(struct page_view *view, uintptr_t address, pte_t entry)
{
    *view = (struct page_view){address, entry, PAGE_NONE, FRAME_NONE, 0};
    if (!pte_is_present(entry))
        view->page = pte_page(entry);
    else if (!pte_is_zero_page(entry))
        view->page = frame_get(pte_frame(entry))->page;
    if (page_is(view->page)) {
        if (page_is_resident(view->page))
            view->frame = page_get(view->page)->frame;
        view->holders = page_get(view->page)->holders;
    } else {
        view->frame = zero_frame;
    }
}

bool view_next(struct space *space, uintptr_t address, struct page_view *view)
{
    struct table_run run;
    for (uintptr_t at = PAGE_ROUND_DOWN(address);
         table_run_next(&space->table, &at, USER_END, &run);) {
        for (unsigned i = 0; i < run.count; i++) {
            if (!pte_is_zero(run.entries[i])) {
                view_fill(view, run.address + i * PAGE_SIZE, run.entries[i]);
                return true;
            }
        }
    }
    return false;
}

static uintptr_t address_in(struct space *space, page_t page)
{
    struct page_view view = {.address = 0};
    for (uintptr_t at = 0; view_next(space, at, &view); at = view.address + PAGE_SIZE)
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
