/* shared-places.c - processes that share where their paths begin (clone with CLONE_FS): what one
 * says with chdir, chroot and umask is so for the other; after fork it is each one's own. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BEFORE = 022, AFTER = 027 };

static char top[PATH_MAX], here[PATH_MAX + 20];

/* A child that has `flags` with us runs a step; its exit status. */
static int cloned(long flags, int (*step)(void))
{
    int status;
    long child = raw6(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0, 0);

    if (child == 0)
        _exit(step());
    return child > 0 && waitpid((pid_t)child, &status, 0) == child ? WEXITSTATUS(status)
                                                                   : -1;
}

static bool stands(const char *where)
{
    char path[PATH_MAX];

    return getcwd(path, sizeof(path)) && strcmp(path, where) == 0;
}

static int rights_left_out(void)
{
    int mask = (int)umask(0);

    umask((mode_t)mask);
    return mask;
}

static int move(void)
{
    umask(AFTER);
    return chdir(here);
}

/* Back to where each test begins. */
static void reset(void)
{
    umask(BEFORE);
    if (chdir(top) != 0)
        bail("chdir");
}

static void test_shared(void)
{
    check_equal(cloned(CLONE_FS, move), 0, "a child with CLONE_FS goes elsewhere");
    check(stands(here), "so do we");
    check_equal(rights_left_out(), AFTER, "its umask is ours");
    check(chdir(top) == 0 && stands(top), "it has ended, and we go on alone");
    reset();
}

static void test_own(void)
{
    check_equal(cloned(0, move), 0, "a child of fork goes elsewhere");
    check(stands(top), "we do not");
    check_equal(rights_left_out(), BEFORE, "its umask is its own");
}

/* One who shares ours forks: that child's are its own again. */
static int fork_and_move(void)
{
    return cloned(0, move) != 0 || !stands(top);
}

static void test_grandchild(void)
{
    check_equal(cloned(CLONE_FS, fork_and_move), 0, "the child's own child moves");
    check(stands(top), "and neither of us does");
}

static int change_root(void)
{
    return chroot(here);
}

static int root_seen(void)
{
    struct stat what;

    return cloned(CLONE_FS, change_root) != 0 || stat("/inside", &what) != 0;
}

static void test_root(void)
{
    char inside[PATH_MAX + 28];
    struct stat what;

    strcat(strcpy(inside, here), "/inside");
    mkdir(inside, 0700);
    if (!on_faultline() && geteuid() != 0)
        check_skip("chroot is root's", "a root that is shared");
    else
        check_equal(cloned(0, root_seen), 0, "a child's chroot is its sharer's");
    check(stat("/inside", &what) != 0, "and not that of who forked it");
    rmdir(inside);
}

int main(void)
{
    if (!getcwd(top, sizeof(top)))
        bail("getcwd");
    strcat(strcpy(here, strcmp(top, "/") == 0 ? "" : top), "/shared-places-here");
    if (mkdir(here, 0755) != 0)
        bail("mkdir");
    reset();
    test_shared();
    test_own();
    test_grandchild();
    test_root();
    rmdir(here);
    return tap_end();
}
