/* mm/frame_allocation/group_hooks.h - what somebody may be asked of a group, besides its policy.
 *
 * A policy hears what the accessed bit tells. A tracer (mm/reference_tracing/) sees each
 * reference of a group. It hangs its functions here, and is asked when a space comes and goes,
 * when entries come that no reference wanted, before a page is evicted, and around each fault.
 * Each is called in one function here, which says what it wants of the lock; a group that
 * nobody traces costs the look whether somebody does. */
#ifndef MM_GROUP_HOOKS_H
#define MM_GROUP_HOOKS_H

#include "mm/frame_allocation/group.h"

struct fault_report;
struct space;

#define INSTRUCTION_TOUCHED_MAX 12
#define INSTRUCTION_CALL        0ul /* none of the program's: the kernel copies for it */

/* One of these belongs to each thread: the present instruction of its program, or its system
 * call, and the pages that it has been given so far. Cleared at the start. */
struct instruction {
    uint64_t at;    /* its address, or INSTRUCTION_CALL */
    uint32_t space; /* id of the space */
    uint32_t count; /* of touched[]; 0: nothing has been given */
    bool resident;  /* the page of the present fault had a frame when it began */
    struct touch {
        uintptr_t address;
        uint64_t number; /* of the reference, in the group's string */
    } touched[INSTRUCTION_TOUCHED_MAX];
};

struct group_hooks {
    /* From `start` to `end` the space has entries that no reference asked for. */
    void (*brought)(struct space *space, uintptr_t start, uintptr_t end);
    /* The space has left the group. */
    void (*left)(struct space *space);
    /* The frame, admitted to the group, is about to be evicted. */
    void (*evicting)(frame_t frame);
    /* The rest is said below, where they are called. */
    void (*fault_begins)(struct instruction *instruction, struct space *space, uint64_t at,
                         uintptr_t address);
    bool (*fault_served)(struct instruction *instruction, struct space *space,
                         uintptr_t address, unsigned access,
                         const struct fault_report *report);
    void (*pauses)(const struct instruction *instruction, struct space *space);
};

/* The space has moved from one group to another. */
void group_moved(struct space *space, uint16_t from) EXCLUDES(mm);
/* The space has got entries that no reference asked for (fork, munlock, MAP_POPULATE). */
void group_brought(struct space *space, uintptr_t start, uintptr_t end) EXCLUDES(mm);
void group_evicting(frame_t frame) REQUIRES(mm);

/* A fault of the instruction at `at` begins in a space of a traced group: what an earlier one
 * was given goes back. */
void group_fault_begins(struct instruction *instruction, struct space *space, uint64_t at,
                        uintptr_t address) EXCLUDES(mm);
/* It has been served. True: the page had been in its frame all the time; a reference only, and
 * no page fault (taken out of fault_totals). */
bool group_fault_served(struct instruction *instruction, struct space *space,
                        uintptr_t address, unsigned access,
                        const struct fault_report *report) EXCLUDES(mm);
/* Another thread is about to run: what the instruction was given goes back; that it has been
 * counted is remembered for when it goes on. */
void group_instruction_pauses(const struct instruction *instruction, struct space *space)
    EXCLUDES(mm);
/* The instruction is past. `space`: the thread's, or NULL. */
void group_instruction_ends(struct instruction *instruction, struct space *space)
    EXCLUDES(mm);

#endif
