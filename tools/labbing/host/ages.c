/* tools/labbing/host/ages.c - what stands around mm/working_sets/working_set.c when it runs alone.
 *
 * Compiled with it, with page tables and tables.c. A space is one of the trees there. Nobody
 * waits, nobody is being ended, and no group is traced. */
#include "mm/address_spaces/address_spaces.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/working_sets/working_set.h"

frame_t zero_frame;

/* --- What working_set.c calls ---------------------------------------------------------------- */

bool above_dying(void)
{
    return false;
}

unsigned change_work;

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

/* --- What tables.c calls --------------------------------------------------------------------- */

uint64_t ages_sample(const struct page_table *tree, bool rests, uint32_t zeroes);

/* `rests`: between tables; `zeroes`: the frame of zeroes. Returns how many pages belong to the
 * working set. */
uint64_t ages_sample(const struct page_table *tree, bool rests, uint32_t zeroes)
{
    static struct space space;
    space.table = *tree;
    space.working_set = UINT32_MAX;
    zero_frame.number = zeroes;
    mm.held = false;
    working_set_sample(&space, rests);
    mm.held = true;
    return space.working_set;
}

/* There is one processor. */
void mm_take_several(void)
{
}

void mm_give_several(void)
{
}
