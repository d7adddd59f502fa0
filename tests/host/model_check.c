/* tests/host/model_check.c - what the kernel sees, against the flat model: every entry of every
 * table, every page wherever it is.  See model.h. */
#include "tests/host/model.h"

#include "mm/demand_paging/object.h"
#include "mm/page_tables/mapper.h"
#include "mm/replacement/swap.h"
#include "mm/view.h"
#include "tests/host/above.h"
#include "tests/host/machine.h"

#include <string.h>

static const struct contents contents_zero;

static void view_check_rights(const struct page_view *view, const struct model_page *page)
{
    if (!pte_is_present(view->pte))
        return;
    if (page->access == 0 ||
        (pte_is_writable(view->pte) && !(page->access & ACCESS_WRITE)) ||
        (pte_is_executable(view->pte) && !(page->access & ACCESS_EXECUTE)))
        host_fail("the entry %#lx of %#lx grants more than was promised (%d)",
                  view->pte.bits, view->address, page->access);
    if (page_is(view->page) && pte_is_wired(view->pte) != page->wired)
        host_fail("the entry %#lx of %#lx is%s wired", view->pte.bits, view->address,
                  page->wired ? " not" : "");
}

/* Private memory that was written, or filled to be, and never was, or was freed since: mm/ may
 * forget that it exists, for it is zeroes. */
static bool page_is_zeroes(const struct model_page *page)
{
    return page->object == NULL && (page->freed || memcmp(&page->contents, &contents_zero,
                                                          sizeof(contents_zero)) == 0);
}

/* Wherever it is: in its frame, on the free list, in its slot; NULL: on the way. */
static const void *page_bytes(page_t id)
{
    const struct page *page = page_get(id);
    if (!frame_is(page->frame))
        return swap_peek(page->slot);
    return frame_get(page->frame)->state != FRAME_BUSY ? frame_data(page->frame) : NULL;
}

static void page_check_contents(page_t id, const struct contents *contents,
                                const char *what, uint64_t where)
{
    const void *bytes = page_bytes(id);
    if (bytes != NULL)
        contents_check(contents, bytes, what, where);
}

static void view_check(const struct page_view *view, struct model_page *page)
{
    if (page == NULL || !page->promised)
        host_fail("%#lx has entry %#lx, and is not promised", view->address,
                  view->pte.bits);
    view_check_rights(view, page);
    if (!page_is(view->page)) {
        if ((page->own && !page_is_zeroes(page)) || page->object != NULL ||
            pte_is_writable(view->pte))
            host_fail("%#lx shows the zero page", view->address);
        return;
    }
    struct object *object = page_get(view->page)->object;
    if (page->own && object != NULL)
        host_fail("%#lx: page %u is an object's, and was written privately", view->address,
                  view->page.id);
    /* In a group with a limit, reading memory never written gives it a page, too. */
    if (!page->own && object == NULL && page->object != NULL)
        host_fail("%#lx: page %u is private, and was never written", view->address,
                  view->page.id);
    if (object != NULL && (page->object == NULL || object != page->object->real ||
                           page_get(view->page)->index != page->index))
        host_fail("%#lx shows page %u of another object", view->address, view->page.id);
    if (page_bytes(view->page) != NULL)
        model_found(page, page_bytes(view->page));
    page_check_contents(view->page, model_read(page), "the page at", view->address);
}

static bool is_resizing(const struct model_space *space)
{
    for (uint32_t i = 0; i < MODEL_PAGES; i++)
        if (space->page[i].object != NULL && space->page[i].object->resizing)
            return true;
    return false;
}

void model_check_space(struct model_space *space)
{
    unsigned own = 0, seen = 0;
    if (is_resizing(space))
        return;
    for (uint32_t i = 0; i < MODEL_PAGES; i++)
        own += space->page[i].own && !page_is_zeroes(&space->page[i]);
    struct page_view view;
    for (uintptr_t at = 0; view_next_locked(space->real, at, &view);
         at = view.address + PAGE_SIZE) {
        struct model_page *page = model_at(space, view.address);
        view_check(&view, page);
        seen += page->own && !page_is_zeroes(page);
    }
    if (seen != own)
        host_fail("space %u wrote %u pages privately, and %u are there", space->real->id,
                  own, seen);
}

void model_check_object(struct model_object *object)
{
    for (uint32_t i = 0; i < MODEL_OBJECT_PAGES && !object->resizing; i++) {
        page_t page = object_find(object->real, i);
        if (page_is(page))
            page_check_contents(page, &object->page[i], "the object's page", i);
    }
}
