/* arena.c - see arena.h. */
#define _GNU_SOURCE
#include "user/lib/arena.h"

#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>

static char group[32];
static char *region;
static size_t region_size;

static void must(bool done, const char *what)
{
    if (!done)
        bail(what);
}

char *arena_open(const char *name, unsigned long frames, const char *policy, size_t pages)
{
    snprintf(group, sizeof(group), "%s", name);
    region_size = pages * PAGE;
    must(program_wire(), "mlockall");
    must(group_make(group), "a group of its own");
    must(group_limit(group, frames), "memory.max");
    must(!policy || group_tell(group, "memory.policy", policy), "memory.policy");
    region = region_map(pages);
    must(group_join(group), "cgroup.procs");
    return region;
}

void arena_close(void)
{
    must(group_join(GROUP_ROOT), "cgroup.procs");
    munmap(region, region_size);
    must(group_remove(group), "rmdir of the group");
}

long arena_faults(void)
{
    return arena_number("memory.stat", "admitted");
}

long arena_number(const char *file, const char *key)
{
    return group_number(group, file, key);
}

void arena_tell(const char *file, const char *text)
{
    must(group_tell(group, file, text), file);
}
