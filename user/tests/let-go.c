/* let-go.c - what one lets go of, another has: who waits for it is told, and a child has what its
 * parent had. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static volatile int *told; /* a page that all see */

static void sleep_ms(long ms)
{
    usleep((useconds_t)ms * 1000);
}

/* The child's status, or -1 if it waits for ever. */
static int ended(pid_t child)
{
    int status;

    for (int i = 0; i < 200; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        sleep_ms(5);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

/* --- Locks of files ------------------------------------------------------------------- */

static const char file_name[] = "let-go";

static int lock_file(void *wait)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(file_name, O_RDWR | O_CREAT, 0600);

    if (fd < 0 || fcntl(fd, F_SETLKW, &lock) != 0)
        return 1;
    *told += 1;
    if (wait)
        pause();
    return 0;
}

static void test_locks(void)
{
    *told = 0;
    pid_t owner = child_start(lock_file, (void *)1);
    while (*told == 0)
        sleep_ms(1);
    pid_t waiter = child_start(lock_file, NULL);
    sleep_ms(30);
    check_equal(*told, 1, "a file that is locked is waited for");
    kill(owner, SIGKILL);
    child_wait(owner);
    check_equal(ended(waiter), 0, "its owner's end lets the next one in");
    unlink(file_name);
}

/* --- Pipes ---------------------------------------------------------------------------- */

static int ends[2];

static void pipe_fill(void)
{
    static char page[PAGE];

    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    fcntl(ends[1], F_SETPIPE_SZ, PAGE);
    while (write(ends[1], page, sizeof(page)) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0);
}

/* 0: written; 2: nobody reads any more. */
static int write_more(void *unused)
{
    (void)unused;
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    if (write(ends[1], "x", 1) == 1)
        return 0;
    return errno == EPIPE ? 2 : 1;
}

static int read_on(void *unused)
{
    char byte;

    (void)unused;
    close(ends[1]);
    return read(ends[0], &byte, 1) == 0 ? 2 : 1;
}

static void test_pipes(void)
{
    pipe_fill();
    pid_t writer = child_start(write_more, NULL);
    sleep_ms(30);
    check(fcntl(ends[1], F_SETPIPE_SZ, 4 * PAGE) >= 4 * PAGE, "a pipe can be made larger");
    check_equal(ended(writer), 0, "who waits for room is told");
    close(ends[1]);
    close(ends[0]);

    pipe_fill();
    writer = child_start(write_more, NULL);
    sleep_ms(30);
    close(ends[0]);
    check_equal(ended(writer), 2 << 8,
                "who waits for room is told when nobody reads any more");
    close(ends[1]);

    if (pipe(ends) != 0)
        bail("pipe");
    pid_t reader = child_start(read_on, NULL);
    sleep_ms(30);
    close(ends[1]);
    check_equal(ended(reader), 2 << 8, "who waits for words, when nobody writes any more");
    close(ends[0]);
}

/* --- Masks ---------------------------------------------------------------------------- */

static sigset_t seen;

static void look(int signal)
{
    (void)signal;
    sigprocmask(SIG_BLOCK, NULL, &seen);
}

/* The handler runs with the call's mask, and the old one comes back after it. */
static void test_masks(void)
{
    sigset_t old, during, now;

    signal(SIGUSR1, look);
    sigemptyset(&old);
    sigaddset(&old, SIGUSR1);
    sigemptyset(&during);
    sigaddset(&during, SIGUSR2);
    sigprocmask(SIG_SETMASK, &old, NULL);
    raise(SIGUSR1);
    check(ppoll(NULL, 0, NULL, &during) < 0 && errno == EINTR,
          "ppoll is ended by what its mask lets in");
    check(sigismember(&seen, SIGUSR2), "the handler runs with ppoll's mask");
    sigprocmask(SIG_SETMASK, NULL, &now);
    check(sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2), "the old one is back");
    sigemptyset(&old);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

/* --- What a child has, and a segment whose last user runs another program ------------- */

static int mask_is(void *expected)
{
    return umask(0) != *(mode_t *)expected;
}

static void test_child(void)
{
    mode_t mask = 0137, before = umask(mask);
    check_equal(child_run(mask_is, &mask), 0, "a child has its parent's umask");
    umask(before);
}

static int attach_and_exec(void *id)
{
    if (shmat(*(int *)id, NULL, 0) == (void *)-1)
        return 1;
    shmctl(*(int *)id, IPC_RMID, NULL);
    execl("/bin/sleep", "sleep", "1000", (char *)NULL);
    return 1;
}

static void test_segment(void)
{
    struct shmid_ds about;
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    pid_t child = child_start(attach_and_exec, &id);
    int gone = 0;

    for (int i = 0; i < 100 && !gone; i++) {
        sleep_ms(5);
        gone = shmctl(id, IPC_STAT, &about) != 0 && errno == EINVAL;
    }
    check(gone, "a segment whose last user runs another program goes");
    kill(child, SIGKILL);
    child_wait(child);
}

int main(void)
{
    told = shared_page();
    test_locks();
    test_pipes();
    test_masks();
    test_child();
    test_segment();
    return tap_end();
}
