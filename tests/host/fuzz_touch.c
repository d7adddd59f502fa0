/* tests/host/fuzz_touch.c - user code: reads, writes and jumps.
 *
 * An access is done as the processor does it: try; on a fault let mm/ serve it; try again.
 * The model is asked at the very moment the access succeeds or is refused: between that
 * and the comparison nobody else runs. */
#include "arch/kernel_lock.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/fault_pins.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/group.h"
#include "mm/frames/frame.h"
#include "mm/lock.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/view.h"
#include "tests/host/fuzz.h"

#include <string.h>

/* Programs come back to where they were: half of all addresses have been used lately. */
uintptr_t fuzz_address(struct fuzz_thread *self)
{
    uint32_t *recent = &self->recent[choose(ARRAY_SIZE(self->recent))];
    if (choose_one_in(2) && self->space->page[*recent].promised)
        return model_address(*recent);
    uint32_t index = choose(MODEL_PAGES);
    if (!choose_one_in(32)) {
        for (uint32_t i = 0; i < MODEL_PAGES && !self->space->page[index].promised; i++)
            index = (index + 1) % MODEL_PAGES;
    }
    *recent = index;
    return model_address(index);
}

/* A page was lost that is mapped here: then it is this page whose slot failed. */
static void expect_loss(struct model_space *space, uintptr_t address)
{
    struct page_view view;
    if (!view_next_locked(space->real, address, &view) ||
        view.address != PAGE_ROUND_DOWN(address) || !page_is(view.page))
        return; /* an object's: the object's device, or its page's slot */
    if (frame_is(view.frame) || host_swap_failures(page_get(view.page)->slot) == 0)
        host_fail("a fault at %#lx says lost, and the slot of page %u did not fail",
                  address, view.page.id);
}

/* --- With several processors ---------------------------------------------------------------- */

static void fault_begins(struct fuzz_thread *self)
{
    if (processor_count == 1)
        return;
    self->serving = true;
    processor_fault();
}

/* It has been served, or the model has heard of the refusal: back to user mode. */
static void fault_ends(struct fuzz_thread *self)
{
    if (!self->serving)
        return;
    self->serving = false;
    processor_leave();
}

/* What a fault may copy must not change meanwhile: when it was copied is nobody's business but
 * mm/'s. */
static struct model_object *object_copied(struct model_space *space, uintptr_t address,
                                          unsigned access)
{
    const struct model_page *page = model_at(space, address);
    if (processor_count == 1 || !(access & ACCESS_WRITE) || page == NULL || page->own ||
        page->shared || page->object == NULL)
        return NULL;
    model_object_hold(page->object);
    page->object->quiet++;
    return page->object;
}

static void object_was_copied(struct model_object *object)
{
    if (object == NULL)
        return;
    object->quiet--;
    model_object_unhold(object);
}

/* --- One access ------------------------------------------------------------------------------- */

static enum fault_result serve(struct fuzz_thread *self, uintptr_t address, unsigned access,
                               bool *gone)
{
    struct fault_report report;
    fault_begins(self);
    struct model_object *copied = object_copied(self->space, address, access);
    uint64_t errors = host_device.errors + host_swap.errors;
    struct model_page *page = model_at(self->space, address);
    bool there = page != NULL && page->there;
    bool alone = self->space->references == 1; /* then nobody joins while it sleeps */
    group_fault_begins(&self->instruction, self->space->real, self->registers[0], address);
    fault_pins_begin(&self->pins, self->space->real, self->registers,
                     ARRAY_SIZE(self->registers), UINT32_MAX);
    enum fault_result result =
        fault_handle_pinned(self->space->real, address, access, &self->pins, &report);
    if (processors_hold_mm())
        host_fail("the mm lock is held after a fault");
    if (report.kind != FAULT_INVALID)
        group_fault_served(&self->instruction, self->space->real, address, access, &report);
    *gone = thread_current->dying;
    if (result == FAULT_KILLED && !*gone)
        host_fail("a fault says killed, and nobody was");
    if (result == FAULT_LOST && errors == host_device.errors + host_swap.errors)
        host_fail("a fault says lost, and no device failed");
    if (result == FAULT_LOST && alone)
        expect_loss(self->space, address);
    if (there && alone && (report.major || report.kind == FAULT_RESCUE))
        host_fail("%#lx is wired, and was not there", address);
    if (result == FAULT_DONE && page != NULL) /* else it may never be written */
        fuzz_note_copies(self, (struct stretch){PAGE_ROUND_DOWN(address), 1});
    object_was_copied(copied);
    if ((result != FAULT_DONE) != (report.kind == FAULT_INVALID))
        host_fail("a fault ends with result %d and kind %d", result, report.kind);
    if (result == FAULT_DONE)
        fault_ends(self);
    return result;
}

/* FAULT_DONE: *data is where the bytes are. */
static enum fault_result access_memory(struct fuzz_thread *self, uintptr_t address,
                                       unsigned access, void **data)
{
    unsigned most = processor_count > 1 ? 100 : 3; /* others may interfere */
    for (unsigned tries = 0; tries < most; tries++) {
        bool gone;
        processors_user();
        *data = machine_access(address, access);
        if (*data != NULL)
            return FAULT_DONE;
        enum fault_result result = serve(self, address, access, &gone);
        if (result != FAULT_DONE)
            return result;
        if (gone)
            return FAULT_KILLED;
    }
    host_fail("%#lx: served again and again, and still faults", address);
}

/* Compare all of the page every so often; the stamp always. */
static void compare(const struct contents *contents, const uint8_t *page, unsigned stamp,
                    uintptr_t address)
{
    uint64_t seen;
    memcpy(&seen, page + stamp_offset[stamp], sizeof(seen));
    if (seen != contents->stamp[stamp])
        host_fail("read %#lx at %#lx, and it should be %#lx", seen, address,
                  contents->stamp[stamp]);
    if (choose_one_in(8))
        contents_check(contents, page, "user code sees, at", PAGE_ROUND_DOWN(address));
}

/* Another instruction: no registers are as they were. */
static void instruction_begin(struct fuzz_thread *self, uintptr_t address)
{
    static uint64_t count;
    self->registers[0] = ++count;
    self->registers[1] = address;
}

/* Somebody asleep is in the middle of changing what is there: the model has that all before, or
 * all after. */
static bool is_half_changed(struct fuzz_thread *self, uintptr_t address)
{
    const struct model_page *page = model_at(self->space, address);
    return self->space->real->changing || self->space->calls > 0 ||
           (page != NULL && page->object != NULL && page->object->resizing);
}

void fuzz_settle(struct model_space *space, uintptr_t address, unsigned access,
                 enum fault_result result, void *data)
{
    static uint64_t serial;
    unsigned stamp = 0;
    while (stamp_offset[stamp] != address % PAGE_SIZE)
        stamp++;
    struct contents *contents = NULL;
    enum fault_result expected = model_access(space, address, access, &contents);
    if (result != expected)
        host_fail("access %u to %#lx ends with %d, and should with %d", access, address,
                  result, expected);
    if (result != FAULT_DONE)
        return;
    struct model_page *page = model_at(space, address);
    model_found(page, (void *)PAGE_ROUND_DOWN((uintptr_t)data));
    struct contents before = *contents;
    compare(&before, (uint8_t *)PAGE_ROUND_DOWN((uintptr_t)data), stamp, address);
    bool quiet = page->shared && page->object->quiet > 0;
    if (access == ACCESS_WRITE && !quiet) {
        page->freed = false;
        contents->stamp[stamp] = noise(++serial);
        memcpy(data, &contents->stamp[stamp], sizeof(uint64_t));
    }
}

static void settle(struct fuzz_thread *self, uintptr_t address, unsigned access,
                   enum fault_result result, void *data)
{
    if (!is_half_changed(self, address))
        fuzz_settle(self->space, address, access, result, data);
}

/* In exact mode no reference is missed: this was the last. */
static void expect_reference(struct fuzz_thread *self, uintptr_t address, unsigned access)
{
    const struct space *space = self->space->real;
    const struct group *group = &groups[space->group];
    struct reference last = {0, 0, 0};
    if (!group_traced(space->group) || model_at(self->space, address)->wired ||
        self->space->references > 1)
        return;
    if (!reference_string_get(group, reference_string_next(group) - 1, &last) ||
        last.address != PAGE_ROUND_DOWN(address) || last.space != space->id ||
        last.access != access)
        host_fail("the string of references ends with %#lx, access %u, space %u; it should "
                  "with %#lx, access %u, space %u",
                  last.address, last.access, last.space, address, access, space->id);
}

static enum fault_result touch(struct fuzz_thread *self, uintptr_t address, unsigned access)
{
    address = PAGE_ROUND_DOWN(address) + stamp_offset[choose(STAMPS)];
    fuzz_log("touch %#lx, access %lu", address, access, 0, 0);
    instruction_begin(self, address);
    void *data;
    enum fault_result result = access_memory(self, address, access, &data);
    if (result != FAULT_KILLED && result != FAULT_LOST)
        settle(self, address, access, result, data);
    fault_ends(self);
    if (result == FAULT_DONE)
        expect_reference(self, address, access);
    group_instruction_ends(&self->instruction, self->space->real);
    return result;
}

static unsigned access_any(struct fuzz_thread *self, uintptr_t address)
{
    static const unsigned kinds[] = {ACCESS_READ,   ACCESS_READ,  ACCESS_READ,
                                     ACCESS_WRITE,  ACCESS_WRITE, ACCESS_WRITE,
                                     ACCESS_EXECUTE};
    unsigned kind = kinds[choose(ARRAY_SIZE(kinds))];
    struct model_page *page = model_at(self->space, address);
    if (page != NULL && !(kind & page->access) && !choose_one_in(16))
        return ACCESS_READ;
    return kind;
}

void fuzz_touch(struct fuzz_thread *self)
{
    uintptr_t address = fuzz_address(self);
    touch(self, address, access_any(self, address));
    machine_speculate(fuzz_address(self));
}

void fuzz_touch_run(struct fuzz_thread *self)
{
    uintptr_t address = fuzz_address(self);
    unsigned access = choose_one_in(3) ? ACCESS_READ : ACCESS_WRITE;
    uint32_t left = 1 + choose(24);
    while (left-- > 0 && touch(self, address, access) == FAULT_DONE)
        address += PAGE_SIZE;
}

#define SEVERAL_MAX 5

struct several {
    unsigned count;
    uintptr_t address[SEVERAL_MAX];
    unsigned access[SEVERAL_MAX];
    void *data[SEVERAL_MAX];
};

/* The instruction runs from its beginning: all its accesses, or the first fault is served.
 * True: it need not run again. */
static bool several_run(struct fuzz_thread *self, struct several *all)
{
    processors_user();
    for (unsigned i = 0; i < all->count; i++) {
        all->data[i] = machine_access(all->address[i], all->access[i]);
        if (all->data[i] != NULL)
            continue;
        bool gone;
        enum fault_result result = serve(self, all->address[i], all->access[i], &gone);
        if (result == FAULT_DONE && !gone)
            return false;
        if (result != FAULT_DONE && result != FAULT_KILLED && result != FAULT_LOST)
            settle(self, all->address[i], all->access[i], result, NULL);
        fault_ends(self);
        return true;
    }
    for (unsigned i = 0; i < all->count; i++)
        settle(self, all->address[i], all->access[i], FAULT_DONE, all->data[i]);
    return true;
}

/* Each time it sleeps may take everything back: exact mode does, and the mover where memory
 * is plenty and nothing is pinned. Who shares the space may interfere as often as he likes. */
static unsigned several_faults(const struct fuzz_thread *self, const struct several *all)
{
    if (self->space->references > 1 || processor_count > 1)
        return UINT32_MAX;
    return 4 * all->count * all->count;
}

/* One instruction touches several pages, and must get past: at most one fault for each, if
 * nobody else interferes, and one more when the processor looks no second time. */
void fuzz_touch_several(struct fuzz_thread *self)
{
    struct several all = {.count = 2 + choose(SEVERAL_MAX - 1)};
    for (unsigned i = 0; i < all.count; i++) {
        uintptr_t page = PAGE_ROUND_DOWN(fuzz_address(self));
        all.address[i] = page + stamp_offset[choose(STAMPS)];
        all.access[i] = access_any(self, page);
    }
    fuzz_log("touch %#lx, %#lx and %lu more at once", all.address[0], all.address[1],
             all.count - 2, 0);
    instruction_begin(self, all.address[0]);
    unsigned faults = 0;
    while (!several_run(self, &all)) {
        if (++faults > several_faults(self, &all))
            host_fail("an instruction that touches %u pages has faulted %u times",
                      all.count, faults);
    }
    group_instruction_ends(&self->instruction, self->space->real);
}

void fuzz_touch_wild(struct fuzz_thread *self)
{
    static const uintptr_t addresses[] = {
        0,
        0x1000,
        USER_END - PAGE_SIZE,
        USER_END,
        0x7fffffffffff,
        0x800000000000,
        0xffff800000000000,
        0xffffffff80000000,
        UINTPTR_MAX,
    };
    uintptr_t address = addresses[choose(ARRAY_SIZE(addresses))];
    touch(self, address, access_any(self, address));
}
