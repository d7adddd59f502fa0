/* tests/host/fuzz_others.c - user code of other processors, while mm/ works.
 *
 * It needs no lock, and uses what its processor remembers. Of a space that nobody is changing it
 * sees what the model says, and may do no more than that allows: whatever was promised back, made
 * read-only or taken away has been forgotten. In a space that a call is changing at this moment it
 * may still write what it could before; what it writes to a page of the space's own is there
 * afterwards, unless the call takes the page away. */
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/group.h"
#include "tests/host/fuzz.h"
#include "tests/host/mmu.h"

#include <string.h>

uint64_t fuzz_other_reads, fuzz_other_writes;

/* By a right that may be about to go. */
static void write_late(struct model_page *page, unsigned stamp, void *data)
{
    static uint64_t serial = 1ull << 48;
    fuzz_other_writes++;
    model_found(page, (void *)PAGE_ROUND_DOWN((uintptr_t)data));
    page->freed = false;
    page->contents.stamp[stamp] = noise(++serial);
    memcpy(data, &page->contents.stamp[stamp], sizeof(uint64_t));
}

/* Where an entry is about to change, now and then a page of the space's own is written. Who
 * reads what others write at the same time sees one or the other: so shared memory is left
 * out, and exact mode, which knows one processor. */
void fuzz_other(uintptr_t address)
{
    struct model_space *space = fuzz_space_loaded();
    struct model_page *page = space != NULL ? model_at(space, address) : NULL;
    if (page == NULL || !page->own || page->shared || group_traced(space->real->group) ||
        machine_dice(4) > 0)
        return;
    unsigned stamp = machine_dice(STAMPS);
    void *data =
        machine_other_access(PAGE_ROUND_DOWN(address) + stamp_offset[stamp], ACCESS_WRITE);
    if (data == NULL)
        return;
    fuzz_log("meanwhile another processor writes at %#lx", address, 0, 0, 0);
    write_late(page, stamp, data);
}

/* --- With several processors ------------------------------------------------------------- */

/* Mostly what its processor remembers, or where it has been lately. */
static uintptr_t address_any(const struct fuzz_thread *self, unsigned number)
{
    uintptr_t remembered = machine_dice(2) ? mmu_remembered(number) : 0;
    if (remembered != 0)
        return remembered;
    uint32_t index = self->recent[machine_dice(ARRAY_SIZE(self->recent))];
    return model_address(machine_dice(8) ? index : machine_dice(MODEL_PAGES));
}

static bool is_changing(const struct model_space *space, const struct model_page *page)
{
    return space->calls > 0 || space->real->changing ||
           (page->object != NULL && page->object->resizing);
}

void fuzz_meanwhile(struct thread *thread, unsigned number, uintptr_t entry)
{
    struct fuzz_thread *self = fuzz_thread_of(thread);
    if (self == NULL || thread->dying)
        return;
    struct model_space *space = self->space;
    uintptr_t address = PAGE_ROUND_DOWN(entry != 0 ? entry : address_any(self, number));
    struct model_page *page = model_at(space, address);
    if (page == NULL)
        return;
    bool changing = is_changing(space, page);
    if (changing && (!page->own || page->shared))
        return;
    unsigned stamp = machine_dice(STAMPS);
    unsigned access = changing || machine_dice(2) ? ACCESS_WRITE : ACCESS_READ;
    address += stamp_offset[stamp];
    /* What a call has put there already, the model does not know yet. */
    enum mmu_use use = changing && entry == 0 ? MMU_REMEMBERED : MMU_ANY;
    void *data = mmu_use(number, address, access, use);
    if (data == NULL)
        return;
    fuzz_log("meanwhile processor %lu is at %#lx, access %lu, changing %lu", number,
             address, access, changing);
    if (changing) {
        write_late(page, stamp, data);
        return;
    }
    fuzz_other_reads += access == ACCESS_READ;
    fuzz_other_writes += access == ACCESS_WRITE;
    fuzz_settle(space, address, access, FAULT_DONE, data);
}

void fuzz_copy(struct fuzz_thread *self)
{
    (void)self;
    fuzz_log("copy", 0, 0, 0, 0);
    processors_copy(true);
    for (uint32_t left = 1 + choose(4); left > 0; left--) {
        processors_linger();
        fuzz_meanwhile(thread_current, host_processor->number, 0);
    }
    processors_copy(false);
}
