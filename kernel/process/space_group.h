/* kernel/process/space_group.h - in which group of frames the space of a process stands.
 *
 * A child's space, and the one that a program is executed in, stand in the group of the space
 * that they come from. /sys/fs/cgroup attaches itself here: for "a group for each process" it
 * chooses another one, and is told when a space has gone. */
#ifndef KERNEL_PROCESS_SPACE_GROUP_H
#define KERNEL_PROCESS_SPACE_GROUP_H

#include "kernel/process/process.h"
#include "mm/mm.h"

struct space_group_hooks {
    /* The index of the group for a new space of `process`, which would stand in `group`. */
    uint16_t (*choose)(const struct process *process, uint16_t group);
    /* A process has let go of a space in this group. Does not sleep. */
    void (*left)(uint16_t group);
};

extern const struct space_group_hooks *space_group_hooks; /* NULL: nobody asks */

/* Put a new space of `process` into its group; `old`: the space it comes from, or NULL. */
void space_group_enter(struct space *space, const struct process *process,
                       const struct space *old);
/* Release a space of a process, and tell `left` of it. */
void space_group_leave(struct space *space) SLEEPS;

#endif
