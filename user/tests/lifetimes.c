/* lifetimes.c - things that go while somebody sleeps in the middle of using them.
 *
 * A call that has found a file, a segment or another process's space may have to sleep before it
 * is done: the space is being changed, or what it gives back is large. Meanwhile another thread
 * closes, removes or ends what it found. So each waits for its moment here: a thread that changes
 * memory all the time keeps the space from whoever else wants to change it, and files of many
 * pages take long to go. What was used is still what was asked for, or has gone and is said to. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096ul
#define LARGE 3000ul /* pages */

static bool scarce;

static int rounds(int plenty)
{
    return scarce ? 3 : plenty;
}

/* --- A space that is always being changed --------------------------------------------- */

static char *changed;
static volatile bool stop;

static void *change(void *argument)
{
    while (!stop) {
        mprotect(changed, LARGE * PAGE, PROT_READ);
        mprotect(changed, LARGE * PAGE, PROT_READ | PROT_WRITE);
    }
    return argument;
}

static void changed_make(void)
{
    changed = mmap(NULL, LARGE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1, 0);
    if (changed == MAP_FAILED)
        bail("memory");
    memset(changed, 1, LARGE * PAGE);
}

/* --- Two who take turns --------------------------------------------------------------- */

/* One round: both begin at once; the other's step is short, and does not wait for the space. */
static pthread_barrier_t barrier;
static void (*other_step)(void);

static void *other(void *argument)
{
    for (;;) {
        pthread_barrier_wait(&barrier);
        if (stop)
            return argument;
        sched_yield(); /* the first one's call comes before */
        other_step();
        pthread_barrier_wait(&barrier);
    }
}

static void meet(int count, void (*prepare)(void), void (*step)(void), void (*beside)(void))
{
    pthread_t changer, second;

    changed_make();
    stop = false;
    other_step = beside;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&changer, NULL, change, NULL);
    pthread_create(&second, NULL, other, NULL);
    for (int i = 0; i < count; i++) {
        prepare();
        pthread_barrier_wait(&barrier);
        step();
        pthread_barrier_wait(&barrier);
    }
    stop = true;
    pthread_barrier_wait(&barrier);
    pthread_join(changer, NULL);
    pthread_join(second, NULL);
    munmap(changed, LARGE * PAGE);
}

/* --- A file that is closed while it is being mapped ----------------------------------- */

static int file;
static int wrong;

static void file_prepare(void)
{
    file = memfd_create("lifetimes", 0);
    if (file < 0 || write(file, "hello", 5) != 5)
        bail("memfd");
}

static void file_map(void)
{
    char *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    if (mapped == MAP_FAILED) {
        wrong += errno != EBADF;
        return;
    }
    wrong += memcmp(mapped, "hello", 6) != 0;
    munmap(mapped, PAGE);
}

/* What comes next takes the memory of what went. */
static void file_close(void)
{
    close(file);
    int next = memfd_create("next", 0);
    if (ftruncate(next, 3 * PAGE) != 0)
        bail("ftruncate");
    close(next);
}

/* --- A segment that is removed while it is being attached, or detached ---------------- */

static int segment;
static char *attached;

static void segment_prepare(void)
{
    segment = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
    if (segment < 0)
        bail("shmget");
}

static void segment_attach(void)
{
    char *at = shmat(segment, NULL, 0);

    if (at == (char *)-1) {
        wrong += errno != EINVAL && errno != EIDRM;
        return;
    }
    wrong += at[0] != 0;
    at[0] = 1;
    wrong += shmdt(at) != 0;
}

static void segment_remove(void)
{
    shmctl(segment, IPC_RMID, NULL);
    int next = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
    shmctl(next, IPC_RMID, NULL);
}

static void attached_prepare(void)
{
    segment_prepare();
    attached = shmat(segment, NULL, 0);
    shmctl(segment, IPC_RMID, NULL);
    if (attached == (char *)-1)
        bail("shmat");
}

static void segment_detach(void)
{
    wrong += shmdt(attached) != 0 && errno != EINVAL;
}

static void segment_unmap(void)
{
    munmap(attached, PAGE);
    segment_remove();
}

static void test_changing(void)
{
    wrong = 0;
    meet(rounds(60), file_prepare, file_map, file_close);
    check_equal(wrong, 0, "a mapping shows the file that was open when it was asked for");
    wrong = 0;
    meet(rounds(60), segment_prepare, segment_attach, segment_remove);
    check_equal(wrong, 0,
                "a segment that is removed while it is attached is attached or gone");
    wrong = 0;
    meet(rounds(60), attached_prepare, segment_detach, segment_unmap);
    check_equal(wrong, 0, "one that goes while it is detached has gone");
}

/* --- Another's space that ends while its memory is being marked ----------------------- */

static int victim_run(void *argument)
{
    (void)argument;
    changed_make();
    change(NULL);
    return 0;
}

static int clearer_run(void *argument)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/clear_refs", *(pid_t *)argument);
    int refs = open(path, O_WRONLY);
    for (int i = 0; i < 50; i++)
        if (write(refs, "4", 1) != 1)
            return errno == ESRCH ? 0 : 1;
    return 0;
}

/* Has it ended within a second? */
static bool ends(pid_t child)
{
    int status;

    for (int i = 0; i < 100; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        usleep(10000);
    }
    return false;
}

static void test_marked(void)
{
    bool ended = true;

    for (int i = 0; i < rounds(5) && ended; i++) {
        pid_t victim = child_start(victim_run, NULL);
        usleep(100000 + i * 1370);
        pid_t clearer = child_start(clearer_run, &victim);
        usleep(20000 + i * 733);
        kill(victim, SIGKILL);
        child_wait(victim);
        ended = ends(clearer);
    }
    check(ended, "who marks the memory of a process that is killed comes to an end");
}

/* --- Files that take long to go ------------------------------------------------------- */

/* A file of many pages, open: to give them back takes longer than a slice of time. */
static int large_make(const char *path)
{
    int made = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *pages;

    if (made < 0 || ftruncate(made, LARGE * PAGE) != 0)
        bail(path);
    pages = mmap(NULL, LARGE * PAGE, PROT_READ, MAP_SHARED, made, 0);
    for (unsigned long page = 0; page < LARGE; page++)
        if (((volatile char *)pages)[page * PAGE])
            bail("contents");
    munmap(pages, LARGE * PAGE);
    return made;
}

/* In a child, with this step beside it until it has ended; how often that was `true`. */
static int beside_child(int (*run)(void *), bool (*step)(pid_t child))
{
    pid_t child = child_start(run, NULL);
    int count = 0;

    while (waitpid(child, NULL, WNOHANG) == 0)
        count += step(child);
    return count;
}

#define NUMBER 50

static int end_with_file(void *argument)
{
    int made = large_make("lifetimes-large");

    unlink("lifetimes-large");
    if (pwrite(made, "L", 1, 0) != 1)
        return 1;
    dup2(made, NUMBER);
    close(made);
    (void)argument;
    return 0;
}

static bool file_is_another(pid_t child)
{
    char path[64], first = 'L';

    snprintf(path, sizeof(path), "/proc/%d/fd/%d", child, NUMBER);
    int opened = open(path, O_RDONLY);
    bool is_another = opened >= 0 && (read(opened, &first, 1) != 1 || first != 'L');
    if (opened >= 0)
        close(opened);
    return is_another;
}

static int replace_number(void *argument)
{
    (void)argument;
    return dup2(0, NUMBER) == NUMBER ? 0 : 1;
}

/* The first number from NUMBER on that is free: is it that? Another file then has what
 * was there. */
static void *number_take(void *argument)
{
    while (!stop) {
        int got = fcntl(0, F_DUPFD, NUMBER);
        wrong += got == NUMBER;
        close(got);
    }
    return argument;
}

static int number_child(void *argument)
{
    pthread_t taker;
    int made = large_make("lifetimes-large");

    unlink("lifetimes-large");
    dup2(made, NUMBER);
    close(made);
    wrong = 0;
    stop = false;
    pthread_create(&taker, NULL, number_take, NULL);
    sched_yield();
    int status = replace_number(argument);
    stop = true;
    pthread_join(taker, NULL);
    return status || wrong;
}

static void test_large(void)
{
    int others = 0, taken = 0;

    for (int i = 0; i < rounds(16); i++)
        others += beside_child(end_with_file, file_is_another);
    check_equal(others, 0, "a file of a process that ends is that file, or gone");
    for (int i = 0; i < rounds(16); i++)
        taken += child_run(number_child, NULL) != 0;
    check_equal(taken, 0, "a number that dup2 gives to another file is never free");
}

/* --- A group that is removed while it is being told something ------------------------- */

#define GROUP "/sys/fs/cgroup/lifetimes"

enum { TICKED = 1000 /* pages, so that a tick takes its time */ };

static bool join(const char *procs)
{
    int file = open(procs, O_WRONLY);
    bool joined = write(file, "0", 1) == 1;

    close(file);
    return joined;
}

/* What it touched in the group stays the group's when it has left. */
static int ticks_tell(void *argument)
{
    int tick = open(GROUP "/memory.tick", O_WRONLY);
    volatile char *memory = mmap(NULL, TICKED * PAGE, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)argument;
    if (memory == MAP_FAILED || !join(GROUP "/cgroup.procs"))
        return 2;
    for (long i = 0; i < TICKED; i++)
        memory[i * PAGE] = 1;
    if (!join("/sys/fs/cgroup/cgroup.procs"))
        return 3;
    return write(tick, "300", 3) == 3 ? 0 : 1;
}

static void test_group(void)
{
    if (!on_faultline() || mkdir(GROUP, 0755) != 0) {
        check_skip("groups are Faultline's own here", "a group that is in use stays");
        return;
    }
    pid_t teller = child_start(ticks_tell, NULL);
    usleep(60000);
    check(rmdir(GROUP) == -1 && errno == EBUSY,
          "a group that is being told something stays");
    check_equal(child_wait(teller), 0, "and is told it");
    check_equal(rmdir(GROUP), 0, "then it can go");
}

int main(void)
{
    scarce = getenv("TAP_SCARCE") != NULL;
    test_changing();
    test_marked();
    test_large();
    test_group();
    return tap_end();
}
