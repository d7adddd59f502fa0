/* mm/working_sets/working_set.h - working sets: which pages is a process using now?
 *
 * The working set of a process at time t is the set of pages that it referred to within the
 * window (t - Δ, t], in its own time: Δ references, or Δ of running (P. J. Denning, "The
 * Working Set Model for Program Behavior", CACM 11:5, 1968). It is an estimate of its
 * present locality: with frames for it, the process runs with few faults; without, it
 * faults all the time.
 *
 * By sampling, in running time: Δ is WORKING_SET_PERIODS periods. At the end of each, the A
 * bit of every entry of the space is looked at. An entry has an *age*: used in the period
 * that ended, its age is 1; if not, it is one older. Whoever collects A bits meanwhile
 * (harvest.h) leaves age 0, "since the last sample", so that nothing is lost, and the
 * policy is told what a sample finds. The name of an evicted page keeps the age: pages that
 * are wanted and not there belong to the set all the same.
 *
 * What is left out: the zero page, which needs no frame; wired pages, which have theirs and
 * compete for none; and pages of objects while they are not mapped, of which the entry says
 * nothing.
 *
 * In references, exactly, in exact mode: from the string of references. */
#ifndef MM_WORKING_SET_H
#define MM_WORKING_SET_H

#include "mm/address_spaces/address_spaces.h"
#include "mm/reference_tracing/reference_tracing.h"

#define WORKING_SET_PERIODS 8u

/* A period of the space's own time has ended. Sets space->working_set. Takes the lock. `rests`:
 * others may run meanwhile (change_rest), and the caller may be told to end; else it does not
 * sleep. */
void working_set_sample(struct space *space, bool rests) SLEEPS EXCLUDES(mm);

/* Pages used within Δ, or since the last sample: now. Takes the lock, does not sleep. */
uint32_t working_set_count(const struct space *space) EXCLUDES(mm);

/* Is the page of this entry among them? */
static inline bool working_set_has(pte_t entry)
{
    return !pte_is_zero(entry) && (pte_age(entry) <= WORKING_SET_PERIODS ||
                                   (pte_is_present(entry) && pte_is_referenced(entry)));
}

/* In exact mode: of the pages among the group's last `window` references (fewer, if there
 * are fewer), the next one in the order of their last uses, as the reference that it was
 * last used by. *at: 0 for the first, then untouched. False: that was all. */
bool working_set_next(const struct group *group, uint32_t window, uint64_t *at,
                      struct reference *reference) EXCLUDES(mm);

#endif
