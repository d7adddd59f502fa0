/* tests/host/policy_stand.h - the least that can stand for a kernel below its policies.
 *
 * mm/replacement/policy.c and mm/replacement/policy/ are linked with it: a group of frames with
 * bits R and M, pages with a slot or without, and the order of events of docs/replacement.md.
 * Each call of a policy's is announced to whoever runs it, before and after. */
#ifndef TESTS_HOST_POLICY_STAND_H
#define TESTS_HOST_POLICY_STAND_H

#include "mm/frame_allocation/group_hooks.h"
#include "mm/replacement/policy.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STAND_PAGES = 65536,
    STAND_GROUP = 1, /* the group that is looked at */
    STAND_OTHER = 2, /* has the frames behind the group's limit */
};

/* A group of `frames` frames begins; `others` more are another group's. */
void stand_begin(const struct policy *policy, uint32_t frames, uint32_t others, bool exact,
                 uint32_t tick);
void stand_end(void);

/* One event: a page, and nothing (it is written), r (read), x (it ends), p (its frame is pinned)
 * or u (it is unpinned). */
void stand_obey(uint32_t page, char what);

extern uint64_t stand_written; /* pages */
extern struct group *stand_group;

/* --- Whoever runs it says what becomes of it ------------------------------------------------ */

/* A victim's page. */
void stand_victim(uint32_t page);
/* `function`, the policy's, is about to be called as `call`; it has come back. */
void stand_calls(const char *call, const void *function);
void stand_called(void);
/* The policy asks about this frame; the place is where. */
void stand_asked(frame_t frame, const char *what, const void *place);
/* The policy broke a rule. */
_Noreturn void stand_broken(const char *rule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
