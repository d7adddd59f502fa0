/* deadlock.c - who would close a circle of waiting for record locks is refused: EDEADLK. Who waits
 * in a chain that does not come back waits; so does who closes a circle of more than twelve, for a
 * chain is not followed further. */
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMBERS 11 /* beside us, of the largest circle that is seen */

static int file;

static int lock(int command, short type, long at)
{
    struct flock wanted = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

    return fcntl(file, command, &wanted) == 0 ? 0 : errno;
}

/* Is there somebody asleep in fcntl? There is nothing to see but that it is asleep. */
static void wait_asleep(pid_t pid)
{
    char path[32], line[512];
    char state = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    while (state != 'S') {
        FILE *stat = fopen(path, "r");
        if (!stat || !fgets(line, sizeof(line), stat) ||
            sscanf(line, "%*d %*s %c", &state) != 1)
            bail(path);
        fclose(stat);
    }
}

/* A member of a circle: has its own byte, then waits for the next one's. What fcntl answered. */
static pid_t member_start(int own, int next, const struct turns *turns)
{
    pid_t pid = fork();

    if (pid == 0) {
        int error = lock(F_SETLKW, F_WRLCK, own);
        write(turns->to_parent[1], "", 1);
        _exit(error ? error : lock(F_SETLKW, F_WRLCK, next));
    }
    char byte;
    if (pid < 0 || read(turns->to_parent[0], &byte, 1) != 1)
        bail("member");
    wait_asleep(pid);
    return pid;
}

static int ended(pid_t pid)
{
    return WEXITSTATUS(child_wait(pid));
}

/* Ours is byte 0; the members wait for 0, for the first of them, and so on. */
static void test_circle(int members)
{
    struct turns turns;
    pid_t member[MEMBERS];

    turns_open(&turns);
    check_equal(lock(F_SETLK, F_WRLCK, 0), 0, "a lock of our own");
    for (int i = 0; i < members; i++)
        member[i] = member_start(i + 1, i, &turns);
    check_equal(lock(F_SETLKW, F_WRLCK, members), EDEADLK, "a circle of %d: EDEADLK",
                members + 1);
    check_equal(lock(F_SETLKW, F_RDLCK, members), EDEADLK, "to share it, too");
    check_equal(lock(F_SETLK, F_WRLCK, members), EAGAIN,
                "who does not wait is told so: EAGAIN");
    check_equal(lock(F_SETLKW, F_WRLCK, 100), 0, "what is free can be had");
    check_equal(lock(F_SETLK, F_UNLCK, 0), 0, "ours given back");
    for (int i = 0; i < members; i++)
        check_equal(ended(member[i]), 0, "member %d of %d gets what it waits for", i + 1,
                    members);
    lock(F_SETLK, F_UNLCK, 100);
    turns_close(&turns);
}

static int share(void *unused)
{
    (void)unused;
    if (lock(F_SETLK, F_RDLCK, 0) != 0)
        return 1;
    for (;;)
        pause();
}

static void nothing(int signal)
{
    (void)signal;
}

/* A chain that ends with somebody who does not wait is none; it ends with a signal. */
static void test_chain(void)
{
    struct turns turns;
    struct sigaction action = {.sa_handler = nothing};
    pid_t holder = child_start(share, NULL);

    turns_open(&turns);
    wait_asleep(holder);
    pid_t waiter = fork();
    if (waiter == 0) {
        sigaction(SIGUSR1, &action, NULL);
        lock(F_SETLK, F_RDLCK, 7);
        turn_to_parent(&turns, 'r');
        _exit(lock(F_SETLKW, F_WRLCK, 0));
    }
    turn_of_child(&turns);
    wait_asleep(waiter);
    kill(waiter, SIGUSR1);
    check_equal(ended(waiter), EINTR, "a chain without a circle waits: until a signal");
    kill(holder, SIGKILL);
    child_wait(holder);
    turns_close(&turns);
}

/* One more in the circle than are looked at: all wait, until one is interrupted. */
static void test_large_circle(void)
{
    struct turns turns;
    struct sigaction action = {.sa_handler = nothing};
    pid_t member[MEMBERS + 1];

    turns_open(&turns);
    sigaction(SIGALRM, &action, NULL);
    check_equal(lock(F_SETLK, F_WRLCK, 0), 0, "a lock of our own");
    for (int i = 0; i <= MEMBERS; i++)
        member[i] = member_start(i + 1, i, &turns);
    alarm(1);
    check_equal(lock(F_SETLKW, F_WRLCK, MEMBERS + 1), EINTR,
                "a larger circle is waited in: until a signal");
    check_equal(lock(F_SETLK, F_UNLCK, 0), 0, "ours given back");
    for (int i = 0; i <= MEMBERS; i++)
        check_equal(ended(member[i]), 0, "member %d of the larger circle", i + 1);
    turns_close(&turns);
}

int main(void)
{
    file = open("deadlock", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0)
        bail("deadlock");
    test_circle(1);
    test_circle(2);
    test_circle(3);
    test_circle(MEMBERS);
    test_large_circle();
    test_chain();
    unlink("deadlock");
    return tap_end();
}
