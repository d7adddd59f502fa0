/* refuse.h - a program says why it does not do what it was asked for, and ends.
 *
 *     refuse("not a number: %s", word);     ->  PROGRAM: not a number: x1 */
#ifndef USER_LIB_REFUSE_H
#define USER_LIB_REFUSE_H

enum { EXIT_USAGE = 2 }; /* the status */

/* What is said below the reason: how the program is used. "", unless main says otherwise. */
extern const char *refuse_usage;

/* As printf, on stderr, behind the program's own name; what it has printed so far is written out
 * before. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
