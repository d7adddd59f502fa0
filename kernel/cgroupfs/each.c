/* kernel/cgroupfs/each.c - a group for each process: /sys/fs/cgroup/pid-N, as long as
 * process N lives.
 *
 * Local replacement divides frames among groups; for the textbook's "each process has its
 * own frames" each needs a group. It begins with the process's own space, at fork or exec,
 * and ends when that has gone. Threads, and a child that borrows its parent's space (vfork),
 * stay where the space is. */
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/process/space_group.h"
#include "kernel/thrashing/frame_shares.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

bool cgroup_each;

/* A new group `pid-N`, if each process is to have one and there is one left; not for init, nor
 * for one whose group was made by hand. */
static uint16_t each_choose(const struct process *process, uint16_t group)
{
    char name[24];
    int error;

    if (!cgroup_each || process == process_init ||
        (group != GROUP_ALL && !cgroups[group].automatic))
        return group;
    format(name, sizeof(name), "pid-%d", process->id);
    if (cgroups[group].automatic && strcmp(cgroups[group].name, name) == 0)
        return group;
    struct cgroup *own = cgroup_make(name, &error);
    if (!own)
        return group; /* GROUPS_MAX, or somebody has made one of that name: it has to share */
    own->automatic = true;
    allocation_begin(cgroup_group(own));
    return group_index(cgroup_group(own));
}

/* Only what does not sleep: a root with a limit may have no room for what is left. */
static bool can_end(const struct cgroup *cgroup)
{
    const struct group *group = cgroup_group(cgroup), *heir = &groups[GROUP_ALL];

    return cgroup->automatic && !allocation_under_way && !cgroup_is_used(cgroup) &&
           (uint64_t)heir->charged + group->charged <= heir->limit;
}

void cgroup_left(uint16_t group)
{
    if (can_end(&cgroups[group]))
        cgroup_end(&cgroups[group]);
    allocation_soon();
}

static const struct space_group_hooks each_hooks = {.choose = each_choose,
                                                    .left = cgroup_left};

void cgroup_each_init(void)
{
    space_group_hooks = &each_hooks;
}

void cgroup_hold(struct cgroup *cgroup)
{
    cgroup->users++;
}

void cgroup_release(struct cgroup *cgroup)
{
    cgroup->users--;
    if (can_end(cgroup))
        cgroup_end(cgroup);
}

void cgroup_sweep(void)
{
    for (unsigned i = 1; i < GROUPS_MAX; i++)
        if (can_end(&cgroups[i]))
            cgroup_end(&cgroups[i]);
}
