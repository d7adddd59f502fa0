/* mm/demand_paging/space_copy.c - the memory of a space, read and written from outside.
 *
 * A debugger wants bytes of a space that is not its own. The page may be anywhere: so it is
 * faulted in, as if that space's program had touched it, with the same copy-on-write, and then
 * the bytes are copied by the direct map, where every frame is. What is forced goes the same
 * way; the entry gets the rights of its region and no more. */
#include "mm/demand_paging/fault.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/space_copy.h"
#include "mm/frame_allocation/frame_allocation.h"

/* What no region promises, and every space has. False: that is not there. */
static bool copy_of_shared(const struct space *space, uintptr_t address, void *bytes,
                           size_t length) EXCLUDES(mm)
{
    mm_lock();
    frame_t frame = shared_code_frame(space, address);
    if (frame_is(frame))
        memcpy(bytes, (char *)frame_data(frame) + address % PAGE_SIZE, length);
    mm_unlock();
    return frame_is(frame);
}

int space_copy(struct space *space, uintptr_t address, void *bytes, size_t length,
               unsigned access)
{
    struct fault_report report;
    if (shared_code_within(address, address + 1) && !(access & ACCESS_WRITE) &&
        copy_of_shared(space, address, bytes, length))
        return 0;
    int granted = space_granted(space, address);
    if (!(access & ACCESS_FORCED) && (granted < 0 || !((unsigned)granted & access)))
        return -EFAULT;
    enum fault_result result = fault_handle(space, address, access, &report);
    if (result != FAULT_DONE)
        return result == FAULT_KILLED ? -EINTR : -EFAULT;
    /* Nothing sleeps between the fault and the copy: the frame is still the page's. */
    mm_lock();
    char *there = (char *)frame_data(report.frame) + address % PAGE_SIZE;
    if (access & ACCESS_WRITE) {
        memcpy(there, bytes, length);
        frame_get(report.frame)->dirty = true;
    } else {
        memcpy(bytes, there, length);
    }
    mm_unlock();
    group_brought(space, PAGE_ROUND_DOWN(address), PAGE_ROUND_DOWN(address) + PAGE_SIZE);
    return 0;
}
