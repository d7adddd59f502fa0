/* mm/more/blame.h - who took the memory.  For mm/more/oom.c; see blame.c for the idea. */
#ifndef MM_MORE_BLAME_H
#define MM_MORE_BLAME_H

#include "mm/account.h"

/* Who is to end: one process, or one family, or a swarm. */
struct blame {
    struct account *family; /* the one among whose members the choice was */
    struct space *process;  /* not NULL: this one alone */
    struct account *branch; /* not NULL: this one's family, whole */
    uint64_t small;         /* of a swarm: bytes; who holds less belongs to it, but… */
    const struct space *spared; /* …this one, if there are others; or NULL */
};

/* Nobody uses a space yet, or any more; or it is init's: then it cannot be ended. */
bool blame_endable(const struct space *space);
/* All together hold most of whom can be ended. False: nobody can. The lock is held. */
bool blame_find(struct blame *blame);
/* Is the space's process among them? */
bool blame_concerns(const struct blame *blame, const struct space *space);
/* One of those who are; NULL: nobody. */
struct space *blame_first(const struct blame *blame);
/* Is the account whole among them: will none of its processes be left? */
bool blame_ends(const struct blame *blame, struct account *account);

#endif
