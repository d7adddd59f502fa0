/* held-ends.c - calls held in the middle of a copy, while what they are about ends.
 *
 * As held-calls.c: a process is held (user/lib/held.h), and meanwhile a process, a segment or a
 * second thread of its own goes. What has gone is said to be gone, and who goes is missed by
 * nobody who stays. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#define PAGE 4096l

/* held_words */
enum { SEEN = HELD_FREE, WHY, WHO = HELD_GIVEN };

/* The result of a call, for the test to see. */
static int tell(long result)
{
    held_words[WHY] = errno;
    held_words[SEEN] = result;
    return 0;
}

static bool failed(int why)
{
    return held_words[SEEN] == -1 && held_words[WHY] == why;
}

/* --- A process that ends -------------------------------------------------------------- */

static _Noreturn int sleep_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        pause();
}

static void victim_start(void)
{
    held_words[WHO] = child_start(sleep_for_ever, NULL);
}

static void victim_end(void)
{
    kill((pid_t)held_words[WHO], SIGKILL);
    child_wait((pid_t)held_words[WHO]);
}

static int limit_held(void)
{
    return tell(prlimit((pid_t)held_words[WHO], RLIMIT_NOFILE, (void *)held_page(1), NULL));
}

static int clear_held(void)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%ld/clear_refs", held_words[WHO]);
    return tell(write(open(path, O_WRONLY), held_text("1"), 1));
}

static void test_ended(void)
{
    victim_start();
    struct held held = held_start_at("limit", 1);
    victim_end();
    check(held_end(&held) == 0 && failed(ESRCH), "limits for a process that has ended");
    victim_start();
    held = held_start_at("clear", 1);
    victim_end();
    check(held_end(&held) == 0 && failed(ESRCH),
          "what a process that has ended referred to");
}

/* --- A segment that is removed -------------------------------------------------------- */

static int segment_held(void)
{
    return tell(shmctl((int)held_words[WHO], IPC_SET, (void *)held_page(1)));
}

static void test_removed(void)
{
    int segment = shmget(IPC_PRIVATE, PAGE, 0600);

    held_words[WHO] = segment;
    struct held held = held_start_at("segment", 1);
    shmctl(segment, IPC_RMID, NULL);
    check(held_end(&held) == 0 && (failed(EINVAL) || failed(EIDRM)),
          "rights of a segment that has been removed");
}

/* --- Threads that end together -------------------------------------------------------- */

static void thread_end(void)
{
    raw3(SYS_exit, 5, 0, 0);
}

/* The list of its robust locks has to be fetched. */
static int end_held(void)
{
    held_thread(thread_end);
    raw3(SYS_set_robust_list, (long)held_page(1), 24, 0);
    raw3(SYS_exit, 7, 0, 0);
    return 1;
}

static void test_end(void)
{
    struct held held = held_start_at("end", 1);
    held_thread_act();
    check_equal(held_end(&held), 7 << 8, "the last thread's status is the process's");
}

/* --- A thread that leaves, and a signal for the process ------------------------------- */

static void signal_seen(int signal)
{
    held_words[SEEN] = signal;
}

static void signal_await(void)
{
    pause();
    raw3(SYS_exit_group, 3, 0, 0);
}

/* The word that says it has left has to be fetched; the other thread stays. */
static int leave_held(void)
{
    signal(SIGUSR1, signal_seen);
    held_thread(signal_await);
    raw3(SYS_set_tid_address, (long)held_page(1), 0, 0);
    raw3(SYS_exit, 0, 0, 0);
    return 1;
}

static void test_leave(void)
{
    struct held held = held_start_at("leave", 1);
    held_thread_act();
    kill(held.process, SIGUSR1);
    for (int i = 0; i < 50 && !held_words[SEEN]; i++)
        usleep(1000);
    check_equal(held_words[SEEN], SIGUSR1,
                "a signal for the process is taken by who stays in it");
    check_equal(held_end(&held), 3 << 8, "who leaves does so meanwhile");
}

static const struct held_step steps[] = {
    {"limit", limit_held}, {"clear", clear_held}, {"segment", segment_held},
    {"end", end_held},     {"leave", leave_held}, {NULL, NULL},
};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "what ends in the middle of a copy");
        return tap_end();
    }
    held_begin();
    test_ended();
    test_removed();
    test_end();
    test_leave();
    return tap_end();
}
