/* mm/more/address.c - a page's address, as programs know it.
 *
 * A page has no address of its own; the entries that name it have. Of a page that is mapped,
 * its first mapper tells at once. One that is resident but mapped nowhere (exact mode, no
 * access) is named by an entry that no list leads to: it is searched for. */
#include "mm/mapper.h"
#include "mm/space.h"

static uintptr_t address_in(struct space *space, page_t page)
{
    struct page_view view = {.address = 0};
    for (uintptr_t at = 0; space_view_next(space, at, &view); at = view.address + PAGE_SIZE)
        if (page_same(view.page, page))
            return view.address;
    return 0;
}

uintptr_t page_address(page_t page)
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
