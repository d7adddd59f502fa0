/* mm/reference_tracing/exact.h - exact mode: every reference of a group's programs is seen.
 *
 * The processor notes in A that a page was used since somebody last looked: not when, not
 * how often, not in which order. Exact LRU and a true string of references need all of
 * that, so in exact mode every reference traps. No entry stays present: a reference faults,
 * the entry is *given* for this one instruction, which runs under the single-step flag, and
 * the trap behind it takes the entry back. The frame stays where it is all the time: what
 * traps is a reference, not a page fault.
 *
 * What one reference is (docs/exact-mode.md): one instruction and one page; each iteration
 * of a REP instruction is one of its own. One system call and one page. Wired memory is
 * outside all this: its entries stay, its use is not seen. */
#ifndef MM_EXACT_H
#define MM_EXACT_H

#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"

/* --- A group's string of references ------------------------------------------------- */

struct reference {
    uintptr_t address; /* of the page */
    uint32_t space;    /* id of the space */
    uint32_t access;   /* ACCESS_WRITE: written; else _EXECUTE: fetched; else _READ */
};

/* So many are kept, the latest; those before are lost. */
#define EXACT_STRING_MAX 16384u

/* Exact mode on or off. On: the string begins anew, and all entries of the group's spaces
 * are taken back. Off: recording stops, the string stays readable, and the resident pages
 * have their entries again. 0; -ENOMEM: no memory for the string. */
int exact_set(struct group *group, bool on) EXCLUDES(mm);
/* The group ends: its string goes. */
void exact_close(const struct group *group);

/* The references are numbered from 0; the number of the next to come, and of the first that
 * is still kept: as many are lost. */
uint64_t exact_next(const struct group *group);
uint64_t exact_first(const struct group *group);
/* One of them. False: lost, or not there yet. */
bool exact_reference(const struct group *group, uint64_t number,
                     struct reference *reference);

extern uint64_t exact_references; /* all groups', since the kernel's start */

/* --- Spaces come and go ----------------------------------------------------------------- */

static inline bool exact_is_on(const struct space *space)
{
    return groups_special && groups[space->group].exact;
}

/* The space has joined its group, or has got entries that no reference asked for (fork,
 * munlock, MAP_POPULATE): if the group is in exact mode they are taken back. */
void exact_enter(struct space *space) EXCLUDES(mm);
/* The space has left a group in exact mode: resident pages have their entries again. */
void exact_leave(struct space *space) EXCLUDES(mm);

/* --- One instruction --------------------------------------------------------------------- */

#define EXACT_TOUCHED_MAX 12
#define EXACT_CALL        0ul /* no instruction of the program's: the kernel copies for it */

/* One of these belongs to each thread: the pages that its present instruction, or system
 * call, has referred to so far. Cleared at the start. */
struct exact_step {
    uint64_t instruction; /* its address, or EXACT_CALL */
    uint32_t space;       /* id of the space */
    uint32_t count;       /* 0: nothing has been given */
    bool resident;        /* the page of the present fault had a frame when it began */
    struct exact_touch {
        uintptr_t address;
        uint64_t number; /* in the group's string */
    } touched[EXACT_TOUCHED_MAX];
};

/* A fault begins in a space in exact mode: what an earlier instruction was given goes back. */
void exact_begin(struct exact_step *step, struct space *space, uint64_t instruction,
                 uintptr_t address) EXCLUDES(mm);
/* It has been served: the entry is given; recorded, and told to the policy, unless the same
 * instruction has referred to the page before. True: the page had been in its frame all the
 * time; a reference only, and no page fault (taken out of fault_totals). */
bool exact_given(struct exact_step *step, struct space *space, uintptr_t address,
                 unsigned access, const struct fault_report *report) EXCLUDES(mm);
/* Another thread is about to run: the entries go back; what has been counted is remembered
 * for when the instruction goes on. */
void exact_pause(struct exact_step *step, struct space *space) EXCLUDES(mm);
/* The instruction is past. `space`: the thread's, or NULL. */
void exact_end(struct exact_step *step, struct space *space);

#endif
