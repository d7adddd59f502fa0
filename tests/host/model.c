/* tests/host/model.c - the flat model.  See model.h for the idea. */
#include "tests/host/model.h"

#include "lib/errno.h"
#include "mm/address_spaces/region.h"
#include "mm/demand_paging/page.h"
#include "tests/host/above.h"
#include "tests/host/machine.h"

#include <stdlib.h>
#include <string.h>

/* --- Contents ----------------------------------------------------------------------- */

const uint16_t stamp_offset[STAMPS] = {0, 1360, 2728, 4088};

static const struct contents contents_zero;

static struct contents contents_from_device(uint64_t position, uint64_t length)
{
    struct contents contents = {.base = (uint32_t)position};
    contents.base_length = length < PAGE_SIZE ? (uint32_t)length : PAGE_SIZE;
    for (unsigned i = 0; i < STAMPS; i++) {
        uint32_t at = stamp_offset[i];
        uint32_t left = at < contents.base_length ? contents.base_length - at : 0;
        memcpy(&contents.stamp[i], &host_device_bytes[position + at], left < 8 ? left : 8);
    }
    return contents;
}

/* From byte `keep` on there are zeroes. */
static void contents_cut(struct contents *contents, uint32_t keep)
{
    if (contents->base_length > keep)
        contents->base_length = keep;
    for (unsigned i = 0; i < STAMPS; i++) {
        uint32_t at = stamp_offset[i];
        if (keep <= at)
            contents->stamp[i] = 0;
        else if (keep - at < 8)
            contents->stamp[i] &= (1ull << (8 * (keep - at))) - 1;
    }
}

void contents_check(const struct contents *contents, const void *data, const char *what,
                    uint64_t where)
{
    uint8_t expected[PAGE_SIZE];
    memcpy(expected, &host_device_bytes[contents->base], contents->base_length);
    memset(expected + contents->base_length, 0, PAGE_SIZE - contents->base_length);
    for (unsigned i = 0; i < STAMPS; i++)
        memcpy(expected + stamp_offset[i], &contents->stamp[i], 8);
    if (memcmp(expected, data, PAGE_SIZE) == 0)
        return;
    unsigned at = 0;
    while (expected[at] == ((const uint8_t *)data)[at])
        at++;
    host_fail("%s %#lx: byte %u is %#x, not %#x", what, where, at,
              ((const uint8_t *)data)[at], expected[at]);
}

/* --- Objects ------------------------------------------------------------------------ */

struct model_object model_objects[MODEL_OBJECTS];

struct model_object *model_object_create(struct object *real, uint64_t size,
                                         uint32_t position, uint64_t backed)
{
    for (unsigned i = 0; i < MODEL_OBJECTS; i++) {
        struct model_object *object = &model_objects[i];
        if (object->in_use)
            continue;
        *object =
            (struct model_object){.in_use = true, .held = true, .real = real, .size = size};
        for (uint32_t page = 0; page * PAGE_SIZE < backed; page++)
            object->page[page] = contents_from_device(position + page * PAGE_SIZE,
                                                      backed - page * PAGE_SIZE);
        return object;
    }
    return NULL;
}

static void model_object_settle(struct model_object *object)
{
    if (!object->held && object->holders == 0 && object->mappings == 0)
        object->in_use = false;
}

void model_object_drop(struct model_object *object)
{
    object->held = false;
    model_object_settle(object);
}

void model_object_hold(struct model_object *object)
{
    object->holders++;
}

void model_object_unhold(struct model_object *object)
{
    object->holders--;
    model_object_settle(object);
}

static struct model_space *spaces;

/* What lies beyond the end goes, private copies too. */
static void copies_cut(const struct model_object *object, uint64_t size)
{
    for (struct model_space *space = spaces; space != NULL; space = space->next) {
        for (uint32_t i = 0; i < MODEL_PAGES; i++) {
            struct model_page *page = &space->page[i];
            if (page->object == object && page->index * PAGE_SIZE >= size)
                page->own = page->there = false;
        }
    }
}

static void space_list(struct model_space *space)
{
    space->previous = NULL;
    space->next = spaces;
    if (spaces != NULL)
        spaces->previous = space;
    spaces = space;
}

void model_object_resize(struct model_object *object, uint64_t size)
{
    if (size < object->size)
        copies_cut(object, size);
    object->cuts += size < object->size;
    for (uint32_t page = 0; size < object->size && page < MODEL_OBJECT_PAGES; page++) {
        if (size <= page * PAGE_SIZE)
            object->page[page] = contents_zero;
        else if (size < (page + 1) * PAGE_SIZE)
            contents_cut(&object->page[page], (uint32_t)(size % PAGE_SIZE));
    }
    object->size = size;
}

/* --- Windows ------------------------------------------------------------------------ */

/* Half below and half above a boundary. */
#define ACROSS(boundary, pages, first)                         \
    {                                                          \
        (boundary) - (pages) / 2 * PAGE_SIZE, (pages), (first) \
    }

const struct model_window model_windows[WINDOWS] = {
    [WINDOW_LOW] = {REGION_BOTTOM, 48, 0},
    [WINDOW_2M] = ACROSS(0x400000, 48, 48),
    [WINDOW_HEAP] = {0x7c0000, 96, 96},
    [WINDOW_1G] = ACROSS(0x40000000, 48, 192),
    [WINDOW_512G] = ACROSS(0x8000000000, 48, 240),
    [WINDOW_TOP] = {REGION_TOP - 720 * PAGE_SIZE, 720, 288},
    [WINDOW_STACK] = {0x7fffff000000 - 96 * PAGE_SIZE, 96, 1008},
};

static const struct model_window *window_of(uintptr_t address)
{
    for (unsigned i = 0; i < WINDOWS; i++)
        if (address - model_windows[i].start < model_windows[i].pages * PAGE_SIZE)
            return &model_windows[i];
    return NULL;
}

struct model_page *model_at(struct model_space *space, uintptr_t address)
{
    const struct model_window *window = window_of(address);
    return window ? &space->page[window->first + (address - window->start) / PAGE_SIZE]
                  : NULL;
}

uintptr_t model_address(uint32_t index)
{
    unsigned i = 0;
    while (index >= model_windows[i].first + model_windows[i].pages)
        i++;
    return model_windows[i].start + (index - model_windows[i].first) * PAGE_SIZE;
}

bool model_knows(uintptr_t start, uint32_t pages)
{
    for (unsigned i = 0; i < WINDOWS; i++) {
        uintptr_t offset = start - model_windows[i].start;
        if (offset < model_windows[i].pages * PAGE_SIZE)
            return offset + pages * PAGE_SIZE <= model_windows[i].pages * PAGE_SIZE;
    }
    return false;
}

/* --- Spaces ------------------------------------------------------------------------- */

static struct model_page *page_known(struct model_space *space, uintptr_t address)
{
    struct model_page *page = model_at(space, address);
    if (page == NULL)
        host_fail("the model does not know %#lx", address);
    return page;
}

static void page_forget(struct model_page *page)
{
    struct model_object *object = page->object;
    memset(page, 0, sizeof(*page));
    if (object != NULL) {
        object->mappings--;
        model_object_settle(object);
    }
}

struct model_space *model_space_create(struct space *real)
{
    struct model_space *space = calloc(1, sizeof(*space));
    space->real = real;
    space->references = 1;
    space->heap_end = model_windows[WINDOW_HEAP].start;
    space_list(space);
    return space;
}

struct model_space *model_space_fork(const struct model_space *parent, struct space *real)
{
    struct model_space *space = malloc(sizeof(*space));
    *space = *parent;
    space->real = real;
    space->references = 1;
    space->wire_future = false;
    space->calls = 0;
    space_list(space);
    for (uint32_t i = 0; i < MODEL_PAGES; i++) {
        space->page[i].wired = space->page[i].there = false;
        if (space->page[i].object != NULL)
            space->page[i].object->mappings++;
    }
    return space;
}

void model_space_release(struct model_space *space)
{
    if (--space->references > 0)
        return;
    for (uint32_t i = 0; i < MODEL_PAGES; i++)
        page_forget(&space->page[i]);
    *(space->previous != NULL ? &space->previous->next : &spaces) = space->next;
    if (space->next != NULL)
        space->next->previous = space->previous;
    free(space);
}

bool model_range_free(struct model_space *space, uintptr_t start, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        if (page_known(space, start + i * PAGE_SIZE)->promised)
            return false;
    return true;
}

bool model_range_promised(struct model_space *space, uintptr_t start, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        if (!page_known(space, start + i * PAGE_SIZE)->promised)
            return false;
    return true;
}

void model_map(struct model_space *space, uintptr_t start, uint32_t pages,
               const struct model_page *like)
{
    for (uint32_t i = 0; i < pages; i++) {
        struct model_page *page = page_known(space, start + i * PAGE_SIZE);
        if (like->object != NULL)
            like->object->mappings++;
        page_forget(page);
        *page = *like;
        page->promised = true;
        page->wired = space->wire_future;
        page->there = false;
        page->index = like->index + i;
    }
}

void model_unmap(struct model_space *space, uintptr_t start, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        page_forget(page_known(space, start + i * PAGE_SIZE));
}

void model_extend(struct model_space *space, uintptr_t last, uint32_t more)
{
    struct model_page like = *page_known(space, last);
    for (uint32_t i = 1; i <= more; i++) {
        struct model_page *page = page_known(space, last + i * PAGE_SIZE);
        if (like.object != NULL)
            like.object->mappings++;
        page_forget(page);
        *page = like;
        page->own = page->there = false;
        page->index = like.index + i;
    }
}

void model_move(struct model_space *space, uintptr_t start, uint32_t pages, uintptr_t place,
                uint32_t new_pages, bool kept)
{
    uint32_t moved = pages < new_pages ? pages : new_pages;
    for (uint32_t i = 0; i < moved; i++) {
        struct model_page *from = page_known(space, start + i * PAGE_SIZE);
        struct model_page *to = page_known(space, place + i * PAGE_SIZE);
        if (from->object != NULL)
            from->object->mappings++;
        page_forget(to);
        *to = *from;
        if (kept)
            from->own = from->there = from->wired = false;
    }
    if (new_pages > moved)
        model_extend(space, place + (moved - 1) * PAGE_SIZE, new_pages - moved);
    if (!kept)
        model_unmap(space, start, pages);
}

int model_protect_expect(struct model_space *space, uintptr_t start, uint32_t *pages,
                         unsigned access)
{
    for (uint32_t i = 0; i < *pages; i++) {
        const struct model_page *page = page_known(space, start + i * PAGE_SIZE);
        if (page->promised && !(access & ~page->access_max))
            continue;
        *pages = i;
        return page->promised ? -EACCES : -ENOMEM;
    }
    return 0;
}

void model_protect(struct model_space *space, uintptr_t start, uint32_t pages,
                   unsigned access)
{
    for (uint32_t i = 0; i < pages; i++)
        page_known(space, start + i * PAGE_SIZE)->access = (uint8_t)access;
    for (uint32_t i = 0; i < pages && access == 0; i++)
        page_known(space, start + i * PAGE_SIZE)->there = false;
}

void model_wire(struct model_space *space, uintptr_t start, uint32_t pages, bool wire)
{
    for (uint32_t i = 0; i < pages; i++) {
        struct model_page *page = page_known(space, start + i * PAGE_SIZE);
        page->wired = wire;
        page->there &= wire;
    }
}

void model_discard(struct model_space *space, uintptr_t start, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++) {
        struct model_page *page = page_known(space, start + i * PAGE_SIZE);
        page->own = page->there = page->freed = false;
    }
}

int model_free(struct model_space *space, uintptr_t start, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++) {
        struct model_page *page = page_known(space, start + i * PAGE_SIZE);
        if (page->promised && (page->shared || page->object != NULL || page->wired))
            return -EINVAL;
        page->freed = page->own;
    }
    return model_range_promised(space, start, pages) ? 0 : -ENOMEM;
}

static bool is_zeroes(const void *data)
{
    static const uint8_t zeroes[PAGE_SIZE];
    return memcmp(data, zeroes, PAGE_SIZE) == 0;
}

void model_found(struct model_page *page, const void *data)
{
    if (page->freed && page->own && is_zeroes(data))
        page->contents = contents_zero;
}

/* --- Accesses ----------------------------------------------------------------------- */

const struct contents *model_read(const struct model_page *page)
{
    if (page->own)
        return &page->contents;
    if (page->object != NULL)
        return &page->object->page[page->index];
    return &contents_zero;
}

/* An access below a stack makes it longer, if nothing that can be accessed is too near. */
void model_fault(struct model_space *space, uintptr_t address)
{
    const struct model_window *window = window_of(address);
    if (window == NULL || model_at(space, address)->promised)
        return;
    uintptr_t end = window->start + window->pages * PAGE_SIZE;
    uintptr_t above = PAGE_ROUND_DOWN(address), below = above;
    while (above < end && !model_at(space, above)->promised)
        above += PAGE_SIZE;
    if (above == end || !model_at(space, above)->grows_down ||
        region_find(space->real, above)->end - PAGE_ROUND_DOWN(address) >
            space->real->stack_most)
        return;
    while (below > window->start && !model_at(space, below)->promised)
        below -= PAGE_SIZE;
    const struct model_page *neighbour = model_at(space, below);
    if (neighbour->promised && neighbour->access && !neighbour->grows_down &&
        PAGE_ROUND_DOWN(address) < below + PAGE_SIZE + REGION_STACK_GAP)
        return;
    struct model_page like = *model_at(space, above);
    like.own = false;
    for (uintptr_t at = PAGE_ROUND_DOWN(address); at < above; at += PAGE_SIZE) {
        model_map(space, at, 1, &like);
        model_at(space, at)->wired = like.wired; /* it is one region */
    }
}

enum fault_result model_access(struct model_space *space, uintptr_t address,
                               unsigned access, struct contents **contents)
{
    struct model_page *page = model_at(space, address);
    if (page == NULL)
        return FAULT_NO_REGION;
    if (!page->promised)
        return FAULT_NO_REGION;
    /* x86 cannot grant writing or executing without reading: any right grants it. */
    if (access == ACCESS_READ ? page->access == 0 : access & ~page->access)
        return FAULT_NO_ACCESS;
    if (!page->own && page->object != NULL && page->index * PAGE_SIZE >= page->object->size)
        return FAULT_BEYOND_END;
    page->there = page->wired;
    *contents = (struct contents *)model_read(page);
    if (!(access & ACCESS_WRITE) || page->own)
        return FAULT_DONE;
    if (!page->shared) {
        page->contents = **contents;
        page->own = true;
        *contents = &page->contents;
    }
    return FAULT_DONE;
}
