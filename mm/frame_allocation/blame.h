/* mm/frame_allocation/blame.h - who took the memory.  For mm/frame_allocation/oom.c; see
 * blame.c for the idea. */
#ifndef MM_BLAME_H
#define MM_BLAME_H

#include "mm/frames/frames.h"

/* Who is to end: one process, or one family, or a swarm. */
struct blame {
    struct account *family; /* the one among whose members the choice was */
    struct space *process;  /* not NULL: this one alone */
    struct account *branch; /* not NULL: this one's family, whole */
    uint64_t small;         /* of a swarm: bytes; what holds less belongs to it, but… */
    const struct space *spared; /* …this one, if there are others; or NULL */
};

/* Thousandths of all frames and slots that a process is held to have more than it has
 * (space.oom_adjust, Linux's oom_score_adj); or it is never chosen. */
#define OOM_ADJUST_MOST  1000
#define OOM_ADJUST_NEVER (-1000)
/* That, in pages. */
int64_t blame_adjustment(const struct space *space);
/* What a process would be held to have, of two thousand: a third stands for nothing. 0:
 * it cannot be ended. Walks the tables. */
unsigned blame_score(const struct space *space) EXCLUDES(mm);

/* Can the space's process be ended? Not if there is none yet, or none any more; nor init; nor
 * one that is to be spared. */
bool blame_endable(const struct space *space);
/* Find those that hold most, together, of all that can be ended. False: none can. */
bool blame_find(struct blame *blame) REQUIRES(mm);
/* Is the space's process among them? */
bool blame_concerns(const struct blame *blame, const struct space *space) REQUIRES(mm);
/* One of those who are; NULL: nobody. */
struct space *blame_first(const struct blame *blame) REQUIRES(mm);
/* Is the account whole among them: will none of its processes be left? */
bool blame_ends(const struct blame *blame, struct account *account);

#endif
