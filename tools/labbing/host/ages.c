/* tools/labbing/host/ages.c - what stands around mm/working_sets/working_set.c when it runs alone.
 *
 * Compiled with it, with page tables and driver.c. A space is one of the trees there. Nobody
 * waits, nobody is being ended, and no group is traced. */
#include "mm/address_spaces/address_spaces.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/working_sets/working_set.h"

frame_t zero_frame;

struct page_table *driver_tree(uint64_t tree);

/* --- What working_set.c calls ---------------------------------------------------------------- */

bool above_dying(void)
{
    return false;
}

bool change_rest(void)
{
    return true;
}

uint64_t space_resident(const struct space *space)
{
    (void)space;
    return 0;
}

uint64_t reference_string_next(const struct group *group)
{
    (void)group;
    return 0;
}

uint64_t reference_string_first(const struct group *group)
{
    (void)group;
    return 0;
}

bool reference_string_get(const struct group *group, uint64_t number,
                          struct reference *reference)
{
    (void)group, (void)number, (void)reference;
    return false;
}

/* --- What child.py calls --------------------------------------------------------------------- */

/* numbers: the tree; does the sample rest between tables? the frame of zeroes. Returns how many
 * pages belong to the working set. */
uint64_t driver_sample(const uint64_t *numbers, uint32_t count, uint64_t *more)
{
    static struct space space;
    (void)count, (void)more;
    space.table = *driver_tree(numbers[0]);
    space.working_set = UINT32_MAX;
    zero_frame.number = (uint32_t)numbers[2];
    mm.held = false;
    working_set_sample(&space, numbers[1] != 0);
    mm.held = true;
    return space.working_set;
}
