/* kernel/process/space_group.c - in which group of frames the space of a process stands. */
#include "kernel/process/space_group.h"

const struct space_group_hooks *space_group_hooks;

void space_group_enter(struct space *space, const struct process *process,
                       const struct space *old)
{
    uint16_t group = old ? old->group : GROUP_ALL;

    if (old && space_group_hooks)
        group = space_group_hooks->choose(process, group);
    group_join(space, &groups[group]);
}

void space_group_leave(struct space *space)
{
    uint16_t group = space->group;

    space_release(space);
    if (space_group_hooks)
        space_group_hooks->left(group);
}
