/* tests/host/fuzz_touch.c - user code: reads, writes and jumps.
 *
 * An access is done as the processor does it: try; on a fault let mm/ serve it; try again.
 * The model is asked at the very moment the access succeeds or is refused: between that
 * and the comparison nobody else runs. */
#include "mm/lock.h"
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

static enum fault_result serve(struct fuzz_thread *self, uintptr_t address, unsigned access,
                               bool *gone)
{
    struct fault_report report;
    uint64_t errors = host_device.errors;
    model_fault(self->space, address);
    enum fault_result result = fault_handle(self->space->real, address, access, &report);
    if (mm_lock_held)
        host_fail("the mm lock is held after a fault");
    *gone = thread_current->dying;
    if (result == FAULT_KILLED && !*gone)
        host_fail("a fault says killed, and nobody was");
    if (result == FAULT_LOST && errors == host_device.errors)
        host_fail("a fault says lost, and the device did not fail");
    if ((result != FAULT_DONE) != (report.kind == FAULT_INVALID))
        host_fail("a fault ends with result %d and kind %d", result, report.kind);
    return result;
}

/* FAULT_DONE: *data is where the bytes are. */
static enum fault_result access_memory(struct fuzz_thread *self, uintptr_t address,
                                       unsigned access, void **data)
{
    for (unsigned tries = 0; tries < 3; tries++) {
        bool gone;
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

static enum fault_result touch(struct fuzz_thread *self, uintptr_t address, unsigned access)
{
    static uint64_t serial;
    unsigned stamp = choose(STAMPS);
    address = PAGE_ROUND_DOWN(address) + stamp_offset[stamp];
    fuzz_log("touch %#lx, access %lu", address, access, 0, 0);
    void *data;
    enum fault_result result = access_memory(self, address, access, &data);
    if (result == FAULT_KILLED || result == FAULT_LOST)
        return result;
    struct contents *contents = NULL;
    struct contents before;
    enum fault_result expected = model_access(self->space, address, access, &contents);
    if (result != expected)
        host_fail("access %u to %#lx ends with %d, and should with %d", access, address,
                  result, expected);
    if (result != FAULT_DONE)
        return result;
    before = *contents;
    compare(&before, (uint8_t *)PAGE_ROUND_DOWN((uintptr_t)data), stamp, address);
    struct model_page *page = model_at(self->space, address);
    bool quiet = page->shared && page->object->quiet > 0;
    if (access == ACCESS_WRITE && !quiet) {
        contents->stamp[stamp] = noise(++serial);
        memcpy(data, &contents->stamp[stamp], sizeof(uint64_t));
    }
    return FAULT_DONE;
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
