/* mm/address_spaces/shared_code.h - code that every space has: reentrant, and shared by mapping.
 *
 * Two frames of the kernel's own are in all spaces, at the same place: one of code, and one of what
 * that code reads. Nobody can write there, and so nobody needs a copy. They are no pages, as the
 * zero page is none: they are not charged, not counted as resident, not evicted, and nothing ever
 * faults on them, for exec maps them ahead: one word, in a table above (lent.h). No region promises
 * them either, so that regions stay what programs have asked for; views show them (mm/view.h).
 *
 * A program may give both up, with munmap or by a MAP_FIXED over one of them, for itself and its
 * children to come; their rights stay as they are, and they cannot be moved. */
#ifndef MM_SHARED_CODE_H
#define MM_SHARED_CODE_H

#include "mm/address_spaces/region.h"

/* Half way between where mmap begins to look and where the stack begins. A last-level table maps
 * more than the two pages: the rest of it stays free. */
#define SHARED_START (REGION_TOP + 0x8000000ul)
#define SHARED_DATA  (SHARED_START + TABLE_SPAN / 2)
#define SHARED_CODE  (SHARED_DATA + PAGE_SIZE)
#define SHARED_END   (SHARED_CODE + PAGE_SIZE)

/* Before the first space: these are the frames, and the (empty) table that maps them. All are the
 * kernel's own, and stay. Without it, spaces have nothing of the kind. */
void shared_code_set(frame_t table, frame_t data, frame_t code) EXCLUDES(mm);

/* The new program's space has them from now on. Where the code begins; 0: it has them not, for
 * there are none, or the program itself lies there, or there was no frame. */
uintptr_t shared_code_map(struct space *space) EXCLUDES(mm);

/* Which frames they are. False: there are none. */
bool shared_code_frames(frame_t *data, frame_t *code);

/* --- Within mm/ --------------------------------------------------------------------------- */

/* Is one of the two within [start, end)? */
static inline bool shared_code_within(uintptr_t start, uintptr_t end)
{
    return __builtin_expect(end > SHARED_DATA, false) && start < SHARED_END;
}

/* What user code may do there. */
static inline unsigned shared_code_access(uintptr_t address)
{
    return address < SHARED_CODE ? ACCESS_READ : ACCESS_READ | ACCESS_EXECUTE;
}

/* Has the space got them? */
bool shared_code_there(const struct space *space) REQUIRES(mm);
/* The frame behind `address`, if that is in one of the two; else FRAME_NONE. */
frame_t shared_code_frame(const struct space *space, uintptr_t address) REQUIRES(mm);
/* No region may come to lie in [start, end), as long as the space has them. */
bool shared_code_bars(const struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm);
/* The child has what the parent has. False: no frame for a table. */
MUST_USE bool shared_code_copy(const struct space *parent, struct space *child)
    REQUIRES(mm);
/* For the audit: the last-level table at `start`, which the space does not have to itself, maps the
 * two frames and nothing else, read-only, and no region lies there. */
bool shared_code_sound(struct space *space, uintptr_t start) REQUIRES(mm);
/* If the space has them, it has them no more. */
void shared_code_unmap(struct space *space, struct flush *flush) REQUIRES(mm);

#endif
