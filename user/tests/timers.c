/* timers.c - timers that send signals: setitimer and timer_create, by every clock. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

static long cpu_us(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* --- setitimer ------------------------------------------------------------------------------ */

static volatile int rings;
static volatile siginfo_t last;

static void ring(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    last = *info;
    rings++;
}

static void handle(int signal)
{
    struct sigaction action = {.sa_sigaction = ring, .sa_flags = SA_SIGINFO};

    sigaction(signal, &action, NULL);
    rings = 0;
}

static void spin_us(long us)
{
    long end = cpu_us(CLOCK_PROCESS_CPUTIME_ID) + us;

    while (cpu_us(CLOCK_PROCESS_CPUTIME_ID) < end)
        ;
}

static void test_running_time(int which, int signal, const char *name)
{
    struct itimerval every = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}}, now;

    handle(signal);
    setitimer(which, &every, NULL);
    sleep_ms(100);
    check_equal(rings, 0, "%s stands still in sleep", name);
    getitimer(which, &now);
    check(now.it_interval.tv_usec == 20000 && now.it_value.tv_usec > 0, "%s can be read",
          name);
    volatile long count = 0;
    for (long end = cpu_us(CLOCK_PROCESS_CPUTIME_ID) + 110000;
         rings < 3 && cpu_us(CLOCK_PROCESS_CPUTIME_ID) < end;)
        for (int i = 0; i < 50000; i++)
            count++;
    check(rings >= 2, "%s rings while the program runs", name);
    setitimer(which, &off, &now);
    check_equal(now.it_interval.tv_usec, 20000, "%s tells what it was set to", name);
    rings = 0;
    spin_us(30000);
    check_equal(rings, 0, "%s can be stopped", name);
}

static void test_real(void)
{
    struct itimerval every = {{0, 10000}, {0, 10000}}, off = {{0, 0}, {0, 0}};

    handle(SIGALRM);
    setitimer(ITIMER_REAL, &every, NULL);
    sleep_ms(100);
    check(rings >= 5, "ITIMER_REAL rings in sleep");
    every.it_interval.tv_usec = every.it_value.tv_usec = 1;
    if (on_faultline()) {
        setitimer(ITIMER_REAL, &every, NULL);
        spin_us(20000);
        check(rings > 20, "a microsecond's interval leaves time to run");
    } else {
        check_skip("elsewhere it may not", "a microsecond's interval leaves time to run");
    }
    setitimer(ITIMER_REAL, &off, NULL);
}

/* --- timer_create ----------------------------------------------------------------------------- */

static void test_timer_signal(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec once = {{0, 0}, {0, 20000000}}, left;
    timer_t timer;

    handle(SIGUSR1);
    event.sigev_value.sival_int = 77;
    check_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "a timer is made");
    check_equal(timer_settime(timer, 0, &once, NULL), 0, "and set");
    timer_gettime(timer, &left);
    check(left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0, "time is left");
    sleep_ms(40);
    check_equal(rings, 1, "it rings once");
    check(last.si_code == SI_TIMER && last.si_value.sival_int == 77, "and says so");
    timer_gettime(timer, &left);
    check_equal(left.it_value.tv_nsec, 0, "none is left");
    check_equal(timer_delete(timer), 0, "it is deleted");
    check(timer_settime(timer, 0, &once, NULL) == -1 && errno == EINVAL,
          "and not there any more");
    event.sigev_signo = 99;
    check(timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 && errno == EINVAL,
          "no such signal");
    check(timer_create(1234, NULL, &timer) == -1 && errno == EINVAL, "no such clock");
}

static void test_timer_overrun(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, 5000000}, {0, 5000000}};
    timer_t timer;
    sigset_t set;

    handle(SIGUSR1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    timer_create(CLOCK_REALTIME, &event, &timer);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timer_settime(timer, 0, &often, NULL);
    sleep_ms(52);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    check(rings >= 1 && rings <= 2, "blocked, many times are one signal");
    check(timer_getoverrun(timer) >= 5 || rings == 2, "and the others are counted");
    check(last.si_overrun >= 5 || rings == 2, "in the signal too");
    timer_delete(timer);
}

static void *wait_in_thread(void *argument)
{
    *(volatile int *)argument = syscall(SYS_gettid);
    while (!rings)
        sched_yield();
    return NULL;
}

static volatile int rung_in;

static void ring_here(int signal)
{
    (void)signal;
    rung_in = syscall(SYS_gettid);
    rings++;
}

static void *sleep_in_thread(void *argument)
{
    while (!*(volatile int *)argument)
        sched_yield();
    return NULL;
}

/* Its thread has ended; another may be where that one was. */
static void test_timer_without_thread(int timer)
{
    struct itimerspec once = {{0, 0}, {0, 1000000}}, left;
    volatile int over = 0;
    pthread_t thread;

    rings = 0;
    pthread_create(&thread, NULL, sleep_in_thread, (void *)&over);
    syscall(SYS_timer_settime, timer, 0, &once, NULL);
    sleep_ms(20);
    check(syscall(SYS_timer_gettime, timer, &left) == 0 && left.it_value.tv_nsec == 0,
          "it runs out though that thread has ended");
    check_equal(rings, 0, "and rings in no other");
    over = 1;
    pthread_join(thread, NULL);
}

static void test_timer_thread(void)
{
    struct sigaction action = {.sa_handler = ring_here};
    struct sigevent event = {.sigev_notify = 4 /* SIGEV_THREAD_ID */,
                             .sigev_signo = SIGUSR2};
    struct itimerspec once = {{0, 0}, {0, 1000000}};
    volatile int id = 0;
    pthread_t thread;
    int timer;

    sigaction(SIGUSR2, &action, NULL);
    rings = 0;
    pthread_create(&thread, NULL, wait_in_thread, (void *)&id);
    while (!id)
        sched_yield();
    /* sigev_notify_thread_id, which musl has no name for */
    memcpy((char *)&event + 16, (const void *)&id, sizeof(id));
    check_equal(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), 0,
                "a timer for one thread");
    syscall(SYS_timer_settime, timer, 0, &once, NULL);
    pthread_join(thread, NULL);
    check_equal(rung_in, id, "rings in that thread");
    test_timer_without_thread(timer);
    syscall(SYS_timer_delete, timer);
}

static void test_timer_cpu(void)
{
    struct itimerspec once = {{0, 0}, {0, 30000000}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;

    handle(SIGUSR1);
    check_equal(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer), 0,
                "a timer of running time");
    timer_settime(timer, 0, &once, NULL);
    sleep_ms(80);
    check_equal(rings, 0, "does not count sleep");
    volatile long count = 0;
    for (long end = cpu_us(CLOCK_PROCESS_CPUTIME_ID) + 200000;
         !rings && cpu_us(CLOCK_PROCESS_CPUTIME_ID) < end;)
        for (int i = 0; i < 20000; i++)
            count++;
    check_equal(rings, 1, "but running");
    timer_delete(timer);
}

static int create(clockid_t clock)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    int timer;

    return syscall(SYS_timer_create, clock, &event, &timer) == 0 ? 0 : errno;
}

static void test_timer_clocks(void)
{
    clockid_t process, thread;

    clock_getcpuclockid(getpid(), &process);
    pthread_getcpuclockid(pthread_self(), &thread);
    check_equal(create(CLOCK_THREAD_CPUTIME_ID), 0, "a thread's running time");
    check_equal(create(process), 0, "the process's by its number");
    check_equal(create(thread), 0, "the thread's");
    check_equal(create(CLOCK_MONOTONIC_RAW), EOPNOTSUPP, "no timer goes by a raw clock");
    check_equal(create(CLOCK_REALTIME_COARSE), EOPNOTSUPP, "nor by a coarse one");
    check_equal(create(99), EINVAL, "no such clock");
}

int main(void)
{
    test_real();
    test_running_time(ITIMER_VIRTUAL, SIGVTALRM, "ITIMER_VIRTUAL");
    test_running_time(ITIMER_PROF, SIGPROF, "ITIMER_PROF");
    test_timer_signal();
    test_timer_overrun();
    test_timer_thread();
    test_timer_cpu();
    test_timer_clocks();
    return tap_end();
}
