/* kernel/linux/time.h - times as programs see them. */
#ifndef KERNEL_LINUX_TIME_H
#define KERNEL_LINUX_TIME_H

#include "arch/types.h"
#include "kernel/file/inode.h"
#include "kernel/linux/file_types.h"
#include "lib/locks.h"

#define NS_PER_SECOND 1000000000ull

static inline struct linux_timespec timespec_of(uint64_t ns)
{
    return (struct linux_timespec){ns / NS_PER_SECOND, ns % NS_PER_SECOND};
}

static inline struct linux_timeval timeval_of(uint64_t ns)
{
    return (struct linux_timeval){ns / NS_PER_SECOND, ns % NS_PER_SECOND / 1000};
}

enum {
    CLOCK_REALTIME,
    CLOCK_MONOTONIC,
    CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_THREAD_CPUTIME_ID,
    CLOCK_MONOTONIC_RAW,
    CLOCK_REALTIME_COARSE,
    CLOCK_MONOTONIC_COARSE,
    CLOCK_BOOTTIME,
    CLOCK_TAI = 11,
};
#define TIMER_ABSTIME 1

/* The running time of somebody else: ~id (0: one's own) above three bits that say what of (Linux's
 * posix-timers_types.h). */
#define CLOCK_OF_THREAD 4
static inline int clock_id(int clock)
{
    return (int)(~(unsigned)clock >> 3);
}

/* What the clock with Linux's number shows, in ns; false: no such clock. */
bool clock_read(int clock, uint64_t *ns);
/* One that can be slept by: it goes on whoever runs, and to the ns. */
bool clock_wakes(int clock);
/* 0 or -EFAULT. */
long timespec_write(uint64_t address, uint64_t ns) SLEEPS;
/* What a timer is set to, of timer_settime and timerfd_settime. */
int itimerspec_read(uint64_t address, uint64_t *ns, uint64_t *interval) SLEEPS;
long itimerspec_write(uint64_t address, uint64_t ns, uint64_t interval) SLEEPS;
/* INT64_MAX at most. */
uint64_t ns_limited(uint64_t seconds, uint64_t ns);
/* Read a struct linux_timespec of the user's as a number of ns. 0, -EFAULT, -EINVAL. */
int timespec_read(uint64_t address, uint64_t *ns) SLEEPS;
/* The same for a struct linux_timeval. */
int timeval_read(uint64_t address, uint64_t *ns) SLEEPS;
/* time_now() + ns, or never if that is beyond all time. */
uint64_t deadline_after(uint64_t ns);
/* When it is `ns` after 1970, as time_now; 1 if that was before the start. */
uint64_t deadline_at(uint64_t ns);
/* A call with a time limit that is begun again (after a stop, kernel/signal/signal.c)
 * ends when it would have ended: the deadline then, else `deadline`. At the beginning of
 * each such call. */
uint64_t deadline_keep(uint64_t deadline);
/* At its end: remember the deadline if the call may be begun again. The result. */
long deadline_remember(long result, uint64_t deadline);

#endif
