/* mm/frame_allocation/allocation.h - frame allocation: who gets how many frames.
 *
 * Which page goes is one question (mm/replacement/policy/), whose page goes is another.
 * With *global* replacement there is no answer: all compete. With *local* replacement
 * every group has a share of the frames, exchanges its own pages within it, and takes
 * nobody else's. The functions here divide a number of frames among groups; they only
 * calculate, and know groups by what they claim. shares.h puts what they say in force.
 *
 * docs/allocation.md says what each scheme is good for, and derives the minimum. */
#ifndef MM_ALLOCATION_H
#define MM_ALLOCATION_H

#include "arch/types.h"

/* The most unwired pages that one x86 instruction can touch: below it a process may never
 * get past an instruction, whatever goes in and out. */
#define ALLOCATION_CODE    2u /* the instruction's own bytes lie across an edge */
#define ALLOCATION_DATA    4u /* movs, cmps: two operands, each across an edge */
#define ALLOCATION_STACK   2u /* enter: reads a frame, pushes it, looks where it ends */
#define ALLOCATION_MINIMUM (ALLOCATION_CODE + ALLOCATION_DATA + ALLOCATION_STACK)

enum allocation_scheme {
    ALLOCATION_GLOBAL,          /* no shares: all compete */
    ALLOCATION_EQUAL,           /* each the same */
    ALLOCATION_PROPORTIONAL,    /* to size */
    ALLOCATION_PRIORITY,        /* to weight */
    ALLOCATION_FAULT_FREQUENCY, /* more to whom faults too often, less to whom seldom */
    ALLOCATION_WORKING_SET,     /* what is in use, and some room to grow */
    ALLOCATION_SCHEMES,
};

extern const char *const allocation_names[ALLOCATION_SCHEMES];

/* What a group says for itself, and what it gets. All amounts are frames or pages. */
struct claim {
    uint16_t group;
    uint32_t size;        /* pages promised to its processes and not wired */
    uint32_t minimum;     /* less would not let its processes go on */
    uint32_t weight;      /* its priority; at least 1 */
    uint32_t working_set; /* pages used within the window, resident or not */
    uint32_t fault_rate;  /* pages that came in, per second of its own processor time */
    bool judged;          /* fault_rate says something new */
    uint32_t share;       /* in: what it has had, 0: it is new. Out: what it gets */
};

/* Faults per second of a process's own processor time. */
struct allocation_bounds {
    uint32_t upper, lower;
};

/* Divide `frames` among the claims, by any scheme but the global one: sets each `share`, and
 * writes nothing else but that a minimum of 0 becomes 1. No share is below its minimum, and
 * their sum is at most `frames`. False: the minimums alone are more than that; each has its
 * minimum then, and no more. There may be no claims. */
bool allocation_divide(enum allocation_scheme scheme, struct allocation_bounds bounds,
                       struct claim *claims, unsigned count, uint32_t frames);

/* The scheme of that name; ALLOCATION_SCHEMES: there is none. */
enum allocation_scheme allocation_find(const char *name);

/* The weight of a nice value (-20..19): each step is a quarter more than the next. 0: 1024.
 * Only the last result is rounded, down. */
uint32_t allocation_weight(int nice);

#endif
