/* mm/address_spaces/space_pages.c - calls that promise nothing: forget contents, look,
 * touch beforehand. */
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/page_tables/page_tables.h"
#include "mm/trace.h"

#include "lib/errno.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_resident.h"

int space_discard(struct space *space, uintptr_t start, size_t length, bool wired_too)
{
    change_begin(space);
    int error = 0;
    uintptr_t end = start + length;
    space_note_resident(space);
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct region *region = region_at_or_above(space, start);
    for (uintptr_t at = start; at < end; at = region->end, region = region->next) {
        if (region == NULL || region->start > at)
            error = -ENOMEM;
        if (region == NULL || region->start >= end)
            break;
        if (region->wired && !wired_too) {
            error = -EINVAL;
            break;
        }
        uintptr_t from = region->start > start ? region->start : start;
        space_forget(space, from, region->end < end ? region->end : end, &flush);
        if (region->end < end)
            change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
    change_end(space);
    return error;
}

static int page_resident(struct space *space, uintptr_t address) REQUIRES(mm)
{
    struct region *region = region_find(space, address);
    if (region == NULL)
        return frame_is(shared_code_frame(space, address)) ? 1 : -ENOMEM;
    pte_t entry = position_look(&space->table, address);
    if (!pte_is_zero(entry))
        return pte_is_present(entry) || page_is_resident(pte_page(entry));
    if (region->object == NULL)
        return 0;
    return frame_is(object_peek(region->object, region_index(region, address)));
}

int space_page_resident(struct space *space, uintptr_t address)
{
    mm_lock();
    int resident = page_resident(space, address);
    mm_unlock();
    return resident;
}

int space_granted(struct space *space, uintptr_t address)
{
    mm_lock();
    const struct region *region = region_find(space, address);
    int granted = region == NULL ? -ENOMEM : region->access;
    if (region == NULL && frame_is(shared_code_frame(space, address)))
        granted = shared_code_access(address);
    mm_unlock();
    return granted;
}

/* The access that brings in what the program may come to do there: a page that only it writes is
 * written. 0: it may do nothing. */
static unsigned populate_access(struct space *space, uintptr_t address) EXCLUDES(mm)
{
    mm_lock();
    const struct region *region = region_find(space, address);
    unsigned access = 0;
    if (region != NULL && region->access != 0)
        access =
            (region->access & ACCESS_WRITE) && !region->shared ? ACCESS_WRITE : ACCESS_READ;
    mm_unlock();
    return access;
}

static int populate(struct space *space, uintptr_t start, size_t length) EXCLUDES(mm)
{
    for (uintptr_t at = start; at < start + length; at += PAGE_SIZE) {
        unsigned access = change_rest_at(at) ? populate_access(space, at) : 0;
        struct fault_report report;
        if (access == 0 || fault_handle(space, at, access, &report) != FAULT_DONE)
            return -EFAULT;
    }
    return 0;
}

int space_populate(struct space *space, uintptr_t start, size_t length)
{
    int error = populate(space, start, length);
    group_brought(space, start, start + length);
    return error;
}
