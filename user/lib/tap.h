/* tap.h - tests that say what they found, in the Test Anything Protocol.
 *
 * A test program calls check() once for each thing it claims and ends in tap_end(), which
 * prints the plan and returns the exit status: 0 only when every claim held. The programs
 * know nothing of who runs them: the same binary passes on Linux, where the claims are
 * Linux's own; what only Faultline promises is skipped there. */
#ifndef USER_LIB_TAP_H
#define USER_LIB_TAP_H

#include <errno.h>
#include <stdbool.h>

/* One claim: whether it held, and in words what was claimed. Returns whether it held. */
bool check(bool held, const char *claim, ...) __attribute__((format(printf, 2, 3)));

/* The claim that a number is so much; a difference is printed beside the failure. */
bool check_equal(long got, long expected, const char *claim, ...)
    __attribute__((format(printf, 3, 4)));

/* The claim that a number lies within expected ± slack. */
bool check_near(long got, long expected, long slack, const char *claim, ...)
    __attribute__((format(printf, 4, 5)));

/* The same of what counts frames or faults: claims that are skipped where frames are so few, or
 * the limits so tight, that a page may go between two looks (TAP_SCARCE in the environment). */
bool counted_equal(long got, long expected, const char *claim, ...)
    __attribute__((format(printf, 3, 4)));
bool counted_near(long got, long expected, long slack, const char *claim, ...)
    __attribute__((format(printf, 4, 5)));

/* A claim that cannot be tested here, and why. */
void check_skip(const char *why, const char *claim, ...)
    __attribute__((format(printf, 2, 3)));

/* A remark, for whoever reads a failure. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Something the test itself needs failed: say what, with errno if it is set, and give up. */
void bail(const char *what) __attribute__((noreturn));

/* Print the plan. The value for main to return. */
int tap_end(void);

/* A call of libc's that is to fail: it has, with this error. */
static inline bool fails(long result, int error)
{
    return result == -1 && errno == error;
}

/* From now on this thread, and what it begins, runs on the first processor only: for claims
 * about who has his turn when, and how long it takes beside others. */
void one_processor(void);

/* Whether this is Faultline; elsewhere it is the Linux that we are compared with. */
bool on_faultline(void);

#endif
