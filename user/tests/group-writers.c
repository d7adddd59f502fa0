/* group-writers.c - two who change the same group, or make one of the same name.
 *
 * A limit below what a group holds makes room first, which takes long, and others write meanwhile:
 * what is in force at the end is what one of them has asked for, whole. */
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD        100  /* pages that cannot go, without a swap area */
#define BY_HAND     4000 /* frames; more than the group has */
#define DIVIDED     2000 /* frames, between two groups and then three: */
#define MUCH        1000 /* one has to give up many, */
#define FEW         200  /* and the other none, */
#define BY_HAND_TOO 300  /* but may have so many at most */

static const char group[] = "writers", other[] = "beside", third[] = "third";
static volatile int *ready;

static long frames_of(const char *file)
{
    return group_number(group, file, NULL) / PAGE;
}

static pid_t start(int (*step)(void *))
{
    *ready = 0;
    pid_t child = child_start(step, NULL);
    while (!*ready)
        sched_yield();
    return child;
}

/* Say that this is as far as `step`, until it is ended. */
static void wait_ready(int step)
{
    *ready = step;
    for (;;)
        pause();
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    child_wait(child);
}

/* --- A limit that cannot be, and one that can ------------------------------------------- */

static void read_all(const char *path)
{
    static char bytes[16 * PAGE];
    int file = open(path, O_RDONLY);

    while (read(file, bytes, sizeof(bytes)) > 0)
        ;
    close(file);
}

/* Pages of files, which can go, and some that cannot. */
static int holder(void *unused)
{
    char path[300];
    struct dirent *entry;

    (void)unused;
    group_join(group);
    volatile char *pages = region_map(HELD);
    for (int i = 0; i < HELD; i++)
        pages[i * PAGE] = 1;
    DIR *tests = opendir("/test");
    while (tests && (entry = readdir(tests))) {
        snprintf(path, sizeof(path), "/test/%s", entry->d_name);
        if (entry->d_name[0] != '.')
            read_all(path);
    }
    wait_ready(1);
    return 0;
}

static int limit_refused(void *unused)
{
    (void)unused;
    *ready = 1;
    return group_limit(group, HELD / 2) ? 0 : errno;
}

static void test_refused(void)
{
    group_make(group);
    pid_t child = start(holder);
    long before = frames_of("memory.current");
    pid_t writer = start(limit_refused);
    int status;

    while (frames_of("memory.current") > before - 100)
        sched_yield();
    bool told = group_limit(group, BY_HAND);
    bool between = waitpid(writer, &status, WNOHANG) == 0; /* not where each copy sleeps */
    if (between)
        status = child_wait(writer);
    check(told && WEXITSTATUS(status) == EBUSY,
          "one limit is written while another makes room, which is refused at last");
    check_equal(frames_of("memory.max"), BY_HAND, "the one that was not is in force");
    check_equal(group_number(group, "memory.claim", "takes_part"), 0,
                "and is one that was written by hand");
    end(child);
    group_remove(group);
}

/* --- A limit in the middle of a division ------------------------------------------------ */

static void hold(const char *name, size_t count)
{
    group_join(name);
    volatile char *pages = region_map(count);
    for (size_t i = 0; i < count; i++)
        pages[i * PAGE] = 1;
    wait_ready(1);
}

static int holder_of_few(void *unused)
{
    (void)unused;
    hold(group, FEW);
    return 0;
}

static int holder_of_much(void *unused)
{
    (void)unused;
    hold(other, MUCH);
    return 0;
}

static int joiner(void *unused)
{
    (void)unused;
    *ready = 1;
    group_join(third); /* a third has its share from now on */
    wait_ready(2);
    return 0;
}

static void test_divided(void)
{
    char scheme[32];

    group_make(group);
    group_make(other);
    group_make(third);
    snprintf(scheme, sizeof(scheme), "equal %d", DIVIDED);
    group_tell(GROUP_ROOT, "memory.allocation", scheme);
    pid_t few = start(holder_of_few), much = start(holder_of_much), last = start(joiner);
    usleep(20000);
    bool between = *ready == 1, told = group_limit(group, BY_HAND_TOO);
    while (*ready != 2)
        usleep(1000);
    check(between && told, "a limit is written while frames are divided");
    check_equal(frames_of("memory.max"), BY_HAND_TOO, "and is in force");
    check_equal(group_number(group, "memory.claim", "share"), 0, "there is no share of it");
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    end(few);
    end(much);
    end(last);
    group_remove(group);
    group_remove(other);
    group_remove(third);
}

/* --- A name that is there already ------------------------------------------------------- */

#define NAMES 20

static int namesakes(const char *name)
{
    DIR *groups = opendir("/sys/fs/cgroup");
    struct dirent *entry;
    int count = 0;

    while ((entry = readdir(groups)))
        count += strcmp(entry->d_name, name) == 0;
    closedir(groups);
    return count;
}

static int wait_for_ever(void *unused)
{
    (void)unused;
    wait_ready(1);
    return 0;
}

/* Groups of the names that those of the next processes would have. */
static void test_names(void)
{
    char name[32];
    int pid = getpid();

    for (int i = 1; i < NAMES; i++) {
        snprintf(name, sizeof(name), "pid-%d", pid + i);
        group_make(name);
    }
    group_tell(GROUP_ROOT, "memory.each", "1");
    pid_t child = child_start(wait_for_ever, NULL);
    group_tell(GROUP_ROOT, "memory.each", "0");
    snprintf(name, sizeof(name), "pid-%d", child);
    check_equal(namesakes(name), 1, "no two groups have one name");
    end(child);
    for (int i = 1; i < NAMES; i++) {
        snprintf(name, sizeof(name), "pid-%d", pid + i);
        group_remove(name);
    }
}

int main(void)
{
    const char *why = !on_faultline()        ? "these files are Faultline's"
                      : getenv("TAP_SCARCE") ? "frames are being divided already"
                                             : NULL;

    if (why) {
        check_skip(why, "two who change the same group");
        return tap_end();
    }
    ready = shared_page();
    bool swap = field_read("/proc/meminfo", "SwapTotal") > 0;
    if (!swap)
        test_refused();
    else
        test_divided();
    check_skip(swap ? "needs pages that cannot go" : "needs a swap area that takes time",
               "a limit %s", swap ? "that is refused" : "in the middle of a division");
    test_names();
    return tap_end();
}
