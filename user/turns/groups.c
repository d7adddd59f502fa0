/* groups.c - long calls about a group with many frames. */
#include "user/turns/turns.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "/sys/fs/cgroup/turns"

static void group_make(void)
{
    mkdir(GROUP, 0700);
    file_tell(GROUP "/cgroup.procs", "0");
    block_make();
}

static void group_end(void)
{
    block_end();
    file_tell("/sys/fs/cgroup/cgroup.procs", "0");
    must(rmdir(GROUP) == 0, "rmdir");
}

static void prepare_tick(void)
{
    group_make();
    file_tell(GROUP "/memory.policy", "aging");
}

static void call_tick(void)
{
    for (int i = 0; i < 3; i++)
        file_tell(GROUP "/memory.tick", "1000");
}

static void call_policy(void)
{
    static const char *const policies[] = {"fifo", "lfu", "clock"};

    for (int i = 0; i < 3; i++)
        file_tell(GROUP "/memory.policy", policies[i]);
}

static void call_stat(void)
{
    for (int i = 0; i < 20; i++)
        file_read(GROUP "/memory.stat");
}

/* Clean pages go, as far as any do. */
static void call_reclaim(void)
{
    int file = open(GROUP "/memory.reclaim", O_WRONLY);

    must(file >= 0 && write(file, "1G", 2) < 0, "memory.reclaim");
    close(file);
}

static void call_victims(void)
{
    int file = open(GROUP "/memory.victims", O_RDWR);

    must(file >= 0 && write(file, "1", 1) == 1, "memory.victims");
    call_reclaim();
    must(read(file, block, much * PAGE) >= 0, "memory.victims");
    close(file);
}

static void call_end(void)
{
    file_tell("/sys/fs/cgroup/cgroup.procs", "0");
    must(rmdir(GROUP) == 0, "rmdir");
}

static void call_exact(void)
{
    file_tell(GROUP "/memory.exact", "1");
    file_tell(GROUP "/memory.exact", "0");
    file_tell(GROUP "/memory.window", "2048");
    file_read(GROUP "/memory.workingset");
    file_read(GROUP "/memory.references");
}

const struct turn turns_of_groups[] = {
    {"group-tick", prepare_tick, call_tick, group_end},
    {"group-policy", group_make, call_policy, group_end},
    {"group-stat", group_make, call_stat, group_end},
    {"group-reclaim", group_make, call_reclaim, group_end},
    {"group-victims", group_make, call_victims, group_end},
    {"group-exact", group_make, call_exact, group_end},
    {"group-rmdir", group_make, call_end, block_end},
    {NULL, NULL, NULL, NULL},
};
