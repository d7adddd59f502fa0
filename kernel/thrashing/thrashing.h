/* kernel/thrashing/thrashing.h - thrashing: seen in what is measured, and cured by load control.
 *
 * The room thrashing/ looks on, a period at a time: what working sets are wanted
 * (sampling.h), what each group's frames are to be (frame_shares.h), whether the machine
 * does more paging than work; and if so it has processes wait outside of memory
 * (suspend.h). */
#ifndef KERNEL_THRASHING_THRASHING_H
#define KERNEL_THRASHING_THRASHING_H

#include "arch/types.h"

struct block_device;
struct process;

/* What one period showed, and how things stand at its end. */
struct load_sample {
    uint64_t elapsed;      /* ns that the period took */
    uint64_t busy;         /* of those, somebody ran */
    uint64_t device;       /* of those, the paging device was in service */
    uint64_t faults;       /* pages that faults had to wait for it for */
    uint64_t own;          /* of those, by a group's own limit */
    uint64_t service;      /* ns: the device's service time */
    uint32_t working_sets; /* of all active processes together, in frames */
    uint32_t frames;       /* that pages of users may have */
    unsigned active;       /* processes */
    unsigned suspended;
};

/* When is the load too high, and when may one more process run? Three answers
 * (kernel/thrashing/load_criteria.c), one of which is chosen. */
struct load_criterion {
    const char *name;
    bool foresees; /* it can tell what one process less will do, before having seen it */
    bool (*overloaded)(const struct load_sample *sample);
    /* `waiting` is the process that would be resumed. */
    bool (*admits)(const struct load_sample *sample, struct process *waiting);
};
extern const struct load_criterion load_criteria[]; /* the last has no name */

/* Every so often, while there is paging, or somebody is suspended. */
#define LOAD_PERIOD_NS 100000000ull

extern const struct load_criterion *load_criterion; /* NULL: measured, but not controlled */
extern bool load_prepages;
extern struct block_device *load_device; /* NULL: there is nothing to control */

struct load_state {
    bool measuring; /* else the sample is of when it last was */
    bool thrashing;
    struct load_sample sample; /* of the last period */
    uint64_t episodes;         /* of thrashing, so far */
    uint64_t thrashed;         /* ns in them */
    uint64_t rotations;        /* processes suspended only because others waited for long */
};
extern struct load_state load_state;

/* Once, at the start, with the paging device, if it takes time. Stops the boot when
 * the parameter load_control= names no criterion. */
void load_start(struct block_device *device);
/* "off" or a criterion's name. False: neither. Whoever is suspended goes on. */
bool load_choose(const char *name);
const char *load_chosen(void);

/* Has the process run, or tried to, lately? */
bool load_is_active(const struct process *process);
/* How things stand now: working sets, frames, active and suspended processes. */
void load_look(struct load_sample *sample);

#endif
