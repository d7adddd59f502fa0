/* demo.h - demonstrations that check themselves: what is said is true, or it says so and the
 * program fails. */
#ifndef USER_LIB_DEMO_H
#define USER_LIB_DEMO_H

#include <stdbool.h>

/* A heading with a line under it. */
void title(const char *words);

/* Plain text, a paragraph or a row of a table. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A sentence that was checked: held or not. Returns held. */
bool claim(bool held, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a sentence in which time has a part: who is behind, how often a second. It is
 * judged where time is counted; where the time is the host's, what does not hold is told, with
 * where it would be judged, and the program does not fail for it. */
bool claim_in_time(bool held, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Of several processors this program, and who it starts from now on, keep to the first, and it says
 * so: what follows is about what one processor does, or leaves undone. */
void keep_to_one_processor(void);

/* A sentence that cannot be checked on this kernel is left out, with a word why. */
void cannot_tell(const char *what);

/* Does the machine's time count its instructions, so that the same work takes the same time to
 * the nanosecond? In `make run` it is the host's time, and who is faster depends on the host. */
bool time_is_counted(void);

/* The value for main to return: 0 only when every claim held. */
int demo_end(void);

#endif
