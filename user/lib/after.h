/* after.h - a moment from now, for calls that take one. */
#ifndef USER_LIB_AFTER_H
#define USER_LIB_AFTER_H

#include <time.h>

/* So many milliseconds from now, as that clock has it. */
static inline struct timespec after_ms(clockid_t clock, long ms)
{
    struct timespec time;

    clock_gettime(clock, &time);
    time.tv_nsec += ms * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

#endif
