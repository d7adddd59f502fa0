/* left.c - bombs of what stays when its maker has ended: names, segments, groups and what is
 * recorded of them. Nobody can be ended for it any more. */
#define _GNU_SOURCE
#include "user/bomb/bomb.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS     "/sys/fs/cgroup"
#define GROUP_NAME "bomb-"

static int tell(const char *group, const char *file)
{
    char name[100];

    snprintf(name, sizeof(name), GROUPS "/%s/%s", group, file);
    int fd = open(name, O_WRONLY);
    long wrote = fd < 0 ? -1 : write(fd, "1", 1);
    close(fd);
    return wrote == 1;
}

/* Groups, and of each its victims and its references, which nobody reads. */
static void groups(void)
{
    char name[20], path[100];

    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), GROUP_NAME "%u", i);
        snprintf(path, sizeof(path), GROUPS "/%s", name);
        if (mkdir(path, 0755))
            return;
        tell(name, "memory.victims");
        tell(name, "memory.exact");
    }
}

void bomb_groups_remove(void)
{
    char path[300];
    DIR *all = opendir(GROUPS);
    struct dirent *entry;

    while (all && (entry = readdir(all)))
        if (strncmp(entry->d_name, GROUP_NAME, strlen(GROUP_NAME)) == 0) {
            snprintf(path, sizeof(path), GROUPS "/%s", entry->d_name);
            rmdir(path);
            rewinddir(all);
        }
    if (all)
        closedir(all);
}

static void names(void)
{
    char name[300], target[4000], longest[240];

    memset(target, 'x', sizeof(target) - 1);
    target[sizeof(target) - 1] = 0;
    memset(longest, 'n', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    mkdir(BOMB_DIRECTORY, 0755);
    for (unsigned i = 0;; i++) {
        snprintf(name, sizeof(name), BOMB_DIRECTORY "/%u-%s", i, longest);
        if (i % 2 ? mkdir(name, 0755) : symlink(target, name))
            break;
    }
    while (shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600) >= 0)
        ;
}

static void left(void (*const make[])(void))
{
    for (; *make; make++)
        if (bomb_fork() == 0) {
            (*make)();
            _exit(0);
        }
}

static void groups_left(void)
{
    left((void (*const[])(void)){groups, NULL});
}

/* All at once. */
static void everything_left(void)
{
    left((void (*const[])(void)){groups, names, bomb_segments, NULL});
}

const struct bomb bombs_of_what_stays[] = {
    {"groups", groups},
    {"groups-left", groups_left},
    {"everything-left", everything_left},
    {NULL, NULL},
};
