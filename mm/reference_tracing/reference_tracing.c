/* mm/reference_tracing/reference_tracing.c - a group is traced, or not any more. */
#include "mm/reference_tracing/reference_tracing.h"

#include "lib/errno.h"
#include "mm/reference_tracing/exact.h"

int reference_tracing_set(struct group *group, bool on)
{
    if (group_traced(group_index(group)) == on)
        return 0;
    if (on && !reference_string_begin(group))
        return -ENOMEM;
    mm_lock();
    (on ? exact_attach : exact_detach)(group);
    mm_unlock();
    return 0;
}
