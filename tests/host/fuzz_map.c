/* tests/host/fuzz_map.c - promises made, changed and taken back. */
#include "lib/errno.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/demand_paging/object.h"
#include "mm/lock.h"
#include "mm/view.h"
#include "tests/host/fuzz.h"

struct stretch fuzz_stretch(struct fuzz_thread *self, uint32_t most)
{
    uintptr_t start =
        choose_one_in(2) ? fuzz_address(self) : model_address(choose(MODEL_PAGES));
    uint32_t pages = 1 + (choose_one_in(3) ? 0 : choose(most));
    while (!model_knows(start, pages))
        pages--;
    return (struct stretch){start, pages};
}

static void lock_is_free(const char *call)
{
    if (processors_hold_mm())
        host_fail("the mm lock is held after %s", call);
}

static unsigned access_any(void)
{
    static const unsigned kinds[] = {
        0,
        ACCESS_READ,
        ACCESS_READ | ACCESS_WRITE,
        ACCESS_READ | ACCESS_WRITE,
        ACCESS_READ | ACCESS_WRITE,
        ACCESS_READ | ACCESS_EXECUTE,
        ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
        ACCESS_WRITE,
        ACCESS_EXECUTE,
    };
    return kinds[choose(ARRAY_SIZE(kinds))];
}

/* --- mmap ------------------------------------------------------------------------------ */

struct wanted {
    struct map_request request;
    struct model_page like;
    uint32_t pages;
};

static void wanted_fill(struct wanted *wanted, struct model_object *object)
{
    struct model_page *like = &wanted->like;
    like->access = (uint8_t)access_any();
    like->access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE;
    if (choose_one_in(4))
        like->access_max = like->access | ACCESS_READ;
    like->shared = choose_one_in(3);
    like->object = object;
    if (like->object != NULL) {
        uint32_t pages = (uint32_t)(PAGE_ROUND_UP(like->object->size) / PAGE_SIZE);
        like->index = choose_one_in(2) ? 0 : choose(pages + 1);
    }
    wanted->request = (struct map_request){
        .length = wanted->pages * PAGE_SIZE - choose(PAGE_SIZE),
        .access = like->access,
        .access_max = like->access_max,
        .flags = like->shared ? MAP_SHARED : 0,
        .object = like->object != NULL ? like->object->real : NULL,
        .index = like->index,
    };
}

/* Shared memory without a name: mm/ has made an object for it. NULL: the model has no room for one
 * more, since others have mapped while this one slept. */
static struct model_object *object_of_its_own(struct space *space, uintptr_t start,
                                              uint32_t pages)
{
    struct object *real = region_find(space, start)->object;
    struct model_object *object = model_object_create(real, pages * PAGE_SIZE, 0, 0);
    if (object != NULL)
        object->held = false;
    return object;
}

/* The call has returned `place`; make the model follow. */
static void mapped(struct fuzz_thread *self, struct wanted *wanted, uintptr_t place)
{
    bool own = wanted->like.shared && wanted->like.object == NULL;
    if (own)
        wanted->like.object = object_of_its_own(self->space->real, place, wanted->pages);
    if (own && wanted->like.object == NULL) {
        /* had it failed, the model would tell */
        LEAVE_OUT(space_unmap(self->space->real, place, wanted->request.length));
        model_unmap(self->space, place, wanted->pages);
    } else {
        model_map(self->space, place, wanted->pages, &wanted->like);
    }
}

static bool objects_left(void)
{
    unsigned left = 0;
    for (unsigned i = 0; i < MODEL_OBJECTS; i++)
        left += !model_objects[i].in_use;
    return left > THREADS_MAX;
}

static void map_anywhere(struct fuzz_thread *self, struct model_object *object)
{
    struct wanted wanted = {.pages = 1 + choose(32)};
    wanted_fill(&wanted, object);
    if (choose_one_in(3))
        wanted.request.address = model_address(choose(MODEL_PAGES)) + choose(PAGE_SIZE);
    fuzz_log("map %lu pages anywhere, wish %#lx, access %lu, flags %lu", wanted.pages,
             wanted.request.address, wanted.request.access, wanted.request.flags);
    intptr_t place = space_map(self->space->real, &wanted.request);
    lock_is_free("space_map");
    if (place == -ENOMEM) {
        fuzz_expect_shortage("space_map", 4);
        return;
    }
    if (place < (intptr_t)REGION_BOTTOM || place % PAGE_SIZE)
        host_fail("space_map says %#lx", place);
    if (!model_knows((uintptr_t)place, wanted.pages)) {
        LEAVE_OUT(space_unmap(self->space->real, (uintptr_t)place, wanted.request.length));
        return;
    }
    if (!model_range_free(self->space, (uintptr_t)place, wanted.pages))
        host_fail("space_map gives %#lx, which is promised already", place);
    mapped(self, &wanted, (uintptr_t)place);
}

static void map_fixed(struct fuzz_thread *self, struct model_object *object)
{
    struct stretch at = fuzz_stretch(self, 32);
    struct wanted wanted = {.pages = at.pages};
    wanted_fill(&wanted, object);
    bool replace = !choose_one_in(3);
    bool is_free = model_range_free(self->space, at.start, at.pages);
    wanted.request.address = at.start;
    wanted.request.flags |= replace ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    fuzz_log("map %lu pages at %#lx, access %lu, flags %lu", at.pages, at.start,
             wanted.request.access, wanted.request.flags);
    intptr_t place = space_map(self->space->real, &wanted.request);
    lock_is_free("space_map");
    if (place == -ENOMEM) {
        fuzz_expect_shortage("space_map", 4);
    } else if (!replace && !is_free) {
        if (place != -EEXIST)
            host_fail("space_map over something else says %ld", place);
    } else if ((uintptr_t)place != at.start) {
        host_fail("space_map at %#lx says %#lx", at.start, place);
    } else {
        mapped(self, &wanted, at.start);
    }
}

void fuzz_map(struct fuzz_thread *self)
{
    if (!objects_left())
        return;
    struct model_object *object = choose_one_in(3) ? NULL : fuzz_object_any();
    struct object *real = object != NULL ? object->real : NULL;
    if (object != NULL) { /* others may drop it while the call sleeps */
        model_object_hold(object);
        object_hold(real);
    }
    (choose_one_in(2) ? map_anywhere : map_fixed)(self, object);
    if (object != NULL) {
        model_object_unhold(object);
        object_release(real);
    }
}

void fuzz_map_stack(struct fuzz_thread *self)
{
    const struct model_window *window = &model_windows[WINDOW_STACK];
    uintptr_t start = window->start + (window->pages - 4) * PAGE_SIZE;
    struct map_request request = {
        .address = start,
        .length = 4 * PAGE_SIZE,
        .access = ACCESS_READ | ACCESS_WRITE,
        .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
        .flags = MAP_FIXED | MAP_GROWSDOWN,
    };
    struct model_page like = {.access = ACCESS_READ | ACCESS_WRITE,
                              .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
                              .grows_down = true};
    fuzz_log("map a stack", 0, 0, 0, 0);
    intptr_t place = space_map(self->space->real, &request);
    if (place == -ENOMEM)
        fuzz_expect_shortage("space_map", 4);
    else if ((uintptr_t)place != start)
        host_fail("space_map of a stack at %#lx says %#lx", start, place);
    else
        model_map(self->space, start, 4, &like);
}

/* --- munmap, mprotect, madvise ----------------------------------------------------------- */

void fuzz_unmap(struct fuzz_thread *self)
{
    struct stretch at = fuzz_stretch(self, 48);
    fuzz_log("unmap %lu pages at %#lx", at.pages, at.start, 0, 0);
    int error = space_unmap(self->space->real, at.start, at.pages * PAGE_SIZE);
    lock_is_free("space_unmap");
    if (error == -ENOMEM)
        fuzz_expect_shortage("space_unmap", 4);
    else if (error)
        host_fail("space_unmap says %d", error);
    else
        model_unmap(self->space, at.start, at.pages);
}

static bool range_is_wired(struct model_space *space, struct stretch at)
{
    for (uint32_t i = 0; i < at.pages; i++)
        if (model_at(space, at.start + i * PAGE_SIZE)->wired)
            return true;
    return false;
}

/* It ran short of memory: of how many pages has it changed the rights, or found them so? The model
 * follows. */
static uint32_t protected_so_far(struct fuzz_thread *self, uintptr_t start, uint32_t pages,
                                 unsigned access)
{
    uint32_t done = 0;
    for (; done < pages; done++) {
        uintptr_t address = start + done * PAGE_SIZE;
        const struct region *region = region_find(self->space->real, address);
        if (region == NULL || region->access != access)
            break;
        model_protect(self->space, address, 1, access);
    }
    return done;
}

void fuzz_protect(struct fuzz_thread *self)
{
    struct stretch at = fuzz_stretch(self, 24);
    unsigned access = access_any();
    bool brings = (access & ACCESS_WRITE) && range_is_wired(self->space, at);
    if (brings && (self->space->references > 1 || fuzz_is_quiet(self, at)))
        return; /* as fuzz_populate */
    fuzz_log("protect %lu pages at %#lx, access %lu", at.pages, at.start, access, 0);
    uint32_t pages = (uint32_t)at.pages;
    int expected = model_protect_expect(self->space, at.start, &pages, access);
    fuzz_quiet(self, at, brings);
    int error = space_protect(self->space->real, at.start, at.pages * PAGE_SIZE, access);
    fuzz_quiet(self, at, -(int)brings);
    lock_is_free("space_protect");
    uint32_t done = error == -ENOMEM ? protected_so_far(self, at.start, pages, access) : 0;
    if (error == -ENOMEM && (expected != error || done < pages))
        fuzz_expect_shortage("space_protect", 4);
    else if (error != expected)
        host_fail("space_protect says %d, and should %d", error, expected);
    else
        model_protect(self->space, at.start, pages, access);
    if (brings)
        fuzz_note_copies(self, at);
}

void fuzz_discard(struct fuzz_thread *self)
{
    struct stretch at = fuzz_stretch(self, 24);
    fuzz_log("discard %lu pages at %#lx", at.pages, at.start, 0, 0);
    int error = space_discard(self->space->real, at.start, at.pages * PAGE_SIZE, true);
    lock_is_free("space_discard");
    bool whole = model_range_promised(self->space, at.start, at.pages);
    if (error != (whole ? 0 : -ENOMEM))
        host_fail("space_discard says %d", error);
    model_discard(self->space, at.start, at.pages);
}

void fuzz_free(struct fuzz_thread *self)
{
    struct stretch at = fuzz_stretch(self, 24);
    fuzz_log("free %lu pages at %#lx", at.pages, at.start, 0, 0);
    int error = space_advise_free(self->space->real, at.start, at.pages * PAGE_SIZE);
    lock_is_free("space_advise_free");
    int expected = model_free(self->space, at.start, at.pages);
    if (error != expected)
        host_fail("space_advise_free says %d, and should %d", error, expected);
}

/* --- brk -------------------------------------------------------------------------------- */

void fuzz_heap(struct fuzz_thread *self)
{
    const struct model_window *window = &model_windows[WINDOW_HEAP];
    size_t limit = window->pages * PAGE_SIZE;
    struct model_space *space = self->space;
    uintptr_t end = window->start + choose((uint32_t)limit + 1);
    fuzz_log("heap from %#lx to %#lx", space->heap_end, end, 0, 0);
    uintptr_t now = space_heap(space->real, end).now;
    lock_is_free("space_heap");
    uintptr_t old_top = PAGE_ROUND_UP(space->heap_end), top = PAGE_ROUND_UP(end);
    uint32_t grow = top > old_top ? (uint32_t)((top - old_top) / PAGE_SIZE) : 0;
    /* a page stays free between the heap and what comes next */
    uint32_t wanted = top < window->start + limit ? grow + 1 : grow;
    bool possible = grow == 0 || model_range_free(space, old_top, wanted);
    if (now != end) {
        if (now != space->heap_end)
            host_fail("space_heap says %#lx", now);
        if (possible)
            fuzz_expect_shortage("space_heap", 4);
        return;
    }
    if (!possible)
        host_fail("space_heap moved the end to %#lx", now);
    struct model_page like = {.access = ACCESS_READ | ACCESS_WRITE,
                              .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE};
    if (grow > 0)
        model_map(space, old_top, grow, &like);
    else if (top < old_top)
        model_unmap(space, top, (uint32_t)((old_top - top) / PAGE_SIZE));
    space->heap_end = end;
}

/* --- mincore, populate -------------------------------------------------------------------- */

static void check_resident(struct fuzz_thread *self, uintptr_t address)
{
    int resident = space_page_resident(self->space->real, address);
    struct model_page *page = model_at(self->space, address);
    if ((resident == -ENOMEM) == page->promised || resident > 1)
        host_fail("space_page_resident says %d", resident);
    struct page_view view;
    bool own = page->own && view_next_locked(self->space->real, address, &view) &&
               view.address == PAGE_ROUND_DOWN(address);
    if (own && resident != frame_is(view.frame))
        host_fail("space_page_resident says %d of frame %u", resident, view.frame.number);
    if (!page->own && page->object != NULL) {
        bool peeked = frame_is(object_peek(page->object->real, page->index));
        if (resident != peeked)
            host_fail("space_page_resident says %d, the object %d", resident, peeked);
    }
}

void fuzz_resident(struct fuzz_thread *self)
{
    uintptr_t address = fuzz_address(self);
    fuzz_log("mincore %#lx", address, 0, 0, 0);
    if (fuzz_rest_begins(self))
        check_resident(self, address);
    fuzz_rest_ends();
}

void fuzz_quiet(struct fuzz_thread *self, struct stretch at, int change)
{
    for (uint32_t i = 0; i < at.pages; i++) {
        struct model_page *page = model_at(self->space, at.start + i * PAGE_SIZE);
        if (page->object != NULL)
            page->object->quiet += (unsigned)change;
    }
}

bool fuzz_is_quiet(struct fuzz_thread *self, struct stretch at)
{
    for (uint32_t i = 0; i < at.pages; i++) {
        struct model_page *page = model_at(self->space, at.start + i * PAGE_SIZE);
        if (page->object != NULL && page->object->quiet > 0)
            return true;
    }
    return false;
}

void fuzz_note_copies(struct fuzz_thread *self, struct stretch at)
{
    struct page_view view;
    uintptr_t address = at.start, end = at.start + at.pages * PAGE_SIZE;
    processors_kept++;
    while (view_next_locked(self->space->real, address, &view) && view.address < end) {
        struct model_page *page = model_at(self->space, view.address);
        if (page_is(view.page) && page_get(view.page)->object == NULL && !page->own) {
            page->contents = *model_read(page);
            page->own = true;
        }
        address = view.address + PAGE_SIZE;
    }
    processors_kept--;
}

void fuzz_populate(struct fuzz_thread *self)
{
    struct stretch at = fuzz_stretch(self, 16);
    if (self->space->references > 1 || fuzz_is_quiet(self, at))
        return; /* another thread could unmap meanwhile what is noted as quiet */
    fuzz_log("populate %lu pages at %#lx", at.pages, at.start, 0, 0);
    fuzz_quiet(self, at, 1);
    space_populate(self->space->real, at.start, at.pages * PAGE_SIZE);
    fuzz_quiet(self, at, -1);
    lock_is_free("space_populate");
    fuzz_note_copies(self, at);
}
