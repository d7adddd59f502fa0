/* time.c - clocks that never go back, and sleeps that last at least as long as asked. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        bail("clock_gettime");
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void test_clocks(void)
{
    static const struct {
        clockid_t clock;
        const char *name;
    } clocks[] = {{CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
                  {CLOCK_REALTIME, "CLOCK_REALTIME"},
                  {CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID"},
                  {CLOCK_BOOTTIME, "CLOCK_BOOTTIME"}};
    struct timespec resolution, value;

    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        long long before = now_ns(clocks[i].clock), first = before;
        int backwards = 0;

        for (int round = 0; round < 2000; round++) {
            long long now = now_ns(clocks[i].clock);

            backwards += now < before;
            before = now;
        }
        check_equal(backwards, 0, "%s never goes back", clocks[i].name);
        check(before > first, "%s goes on", clocks[i].name);
    }
    check(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0 &&
              resolution.tv_nsec > 0,
          "clock_getres");
    check_equal(raw3(SYS_clock_gettime, 99, (long)&value, 0), -EINVAL,
                "an unknown clock: EINVAL");
}

static void test_wall(void)
{
    struct timeval day;
    time_t seconds = time(NULL);

    check(gettimeofday(&day, NULL) == 0 && day.tv_usec >= 0 && day.tv_usec < 1000000,
          "gettimeofday");
    check(day.tv_sec - seconds <= 1, "time agrees with it");
    check(now_ns(CLOCK_REALTIME) / 1000000000 - day.tv_sec <= 1, "so does CLOCK_REALTIME");
}

static void test_sleep(void)
{
    static const long naps[] = {0, 1, 1000, 1000000, 20000000};
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};

    for (unsigned i = 0; i < sizeof(naps) / sizeof(naps[0]); i++) {
        struct timespec nap = {0, naps[i]};
        long long before = now_ns(CLOCK_MONOTONIC);

        check_equal(nanosleep(&nap, NULL), 0, "nanosleep of %ld ns", naps[i]);
        long long slept = now_ns(CLOCK_MONOTONIC) - before;
        check(slept >= naps[i] && slept < naps[i] + 500000000,
              "lasts that long and not much longer");
    }
    check(nanosleep(&bad, NULL) == -1 && errno == EINVAL,
          "a second of nanoseconds: EINVAL");
    check(nanosleep(&negative, NULL) == -1 && errno == EINVAL, "before now: EINVAL");
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 5000000;
    if (until.tv_nsec >= 1000000000)
        until.tv_sec++, until.tv_nsec -= 1000000000;
    check(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0 &&
              now_ns(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000ll + until.tv_nsec,
          "clock_nanosleep until a given time");
}

static void test_times(void)
{
    struct tms used;
    volatile long work = 0;

    clock_t start = times(&used);
    check(start != (clock_t)-1, "times");
    long long until = now_ns(CLOCK_PROCESS_CPUTIME_ID) + 60000000;
    while (now_ns(CLOCK_PROCESS_CPUTIME_ID) < until)
        for (int i = 0; i < 1000; i++)
            work += i;
    struct tms later;
    times(&later);
    check(later.tms_utime + later.tms_stime >= used.tms_utime + used.tms_stime + 3,
          "60 ms of work are at least 3 ticks of a hundredth");
}

/* adjtimex, and clock_adjtime of the same clock: what they tell can be read, and on Faultline
 * nothing of it changed. */
static void test_kept(void)
{
    enum { TIME = 9, TICK = 11 }; /* where they stand, in words */
    union {
        unsigned modes;
        long words[26];
    } timex = {0};
    const long at = (long)&timex;

    check(raw3(SYS_adjtimex, at, 0, 0) >= 0, "adjtimex");
    check(timex.words[TICK] >= 9000 && timex.words[TICK] <= 11000, "a tick is about 10 ms");
    check_near(timex.words[TIME], time(NULL), 1, "it is as late as time says");
    check(raw3(SYS_clock_adjtime, CLOCK_REALTIME, at, 0) >= 0, "clock_adjtime");
    check(raw3(SYS_clock_adjtime, CLOCK_MONOTONIC, at, 0) < 0, "not of another clock");
    check_equal(raw3(SYS_adjtimex, -4096, 0, 0), -EFAULT, "adjtimex where nothing is");
    timex.modes = 1;
    if (on_faultline())
        check_equal(raw3(SYS_adjtimex, at, 0, 0), -EPERM, "nobody sets the clock");
}

int main(void)
{
    test_clocks();
    test_wall();
    test_sleep();
    test_times();
    test_kept();
    return tap_end();
}
