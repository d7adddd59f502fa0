/* mm/account.h - whose memory it is.
 *
 * When memory is out somebody has to go, and it should be whoever took it. A process is the
 * wrong one to ask: a program that forks without end is a thousand small processes, and what
 * the kernel keeps for it, tables, stacks, regions, names of files, stands in no process's
 * pages. So everything that is taken is charged to an *account*: that of one program, which
 * is all processes that descend by fork from one exec. Exec opens a new account, fork
 * inherits it.
 *
 * Nobody who takes memory has to think of it: the page id, the frame and the object charge
 * the account of whoever runs, and remember it; whoever gives them back gives them back to
 * that account, whoever that is. A page is charged once, from its beginning to its end,
 * wherever it is meanwhile, and however many spaces share it. What interrupts, the daemons
 * and the start of the kernel take is the kernel's own. */
#ifndef MM_ACCOUNT_H
#define MM_ACCOUNT_H

#include "arch/types.h"

enum account_kind {
    ACCOUNT_PAGES,  /* in frames or in slots */
    ACCOUNT_TABLES, /* frames of page tables, and of the links beside them */
    ACCOUNT_FRAMES, /* whole frames that the kernel holds for it: what is in pipes, … */
    ACCOUNT_STACKS, /* frames of kernel stacks (kernel/thread.c) */
    ACCOUNT_BYTES,  /* of the kernel's objects (mm/slab.h) */
    ACCOUNT_KINDS,
};

struct space;

struct account {
    uint64_t held[ACCOUNT_KINDS];
    uint32_t spaces;           /* of the program's processes */
    bool struck;               /* of its processes some were ended for memory before */
    const struct space *first; /* of the process that did exec; NULL: it has ended */
    uint64_t audited[ACCOUNT_KINDS]; /* mm/more/audit.c's own counts */
    uint32_t audited_spaces;
    struct account *next, *previous; /* all accounts */
};

/* Who pays for what is taken now: the program whose space is loaded, for it is the one that
 * the kernel works for. Never NULL. */
extern struct account *account_current;
/* The kernel's own. It is always there. */
extern struct account kernel_account;
extern struct account *account_first; /* all, the kernel's last */

/* What exec begins with: a new account, and in it a new, empty space with one reference.
 * NULL: out of memory. */
struct space *account_open(void);
/* A space joins, or has ended. An account without spaces lives on as long as anything is
 * charged to it. */
void account_join(struct account *account, const struct space *space);
void account_leave(struct account *account, const struct space *space);
/* It ends, if it has no spaces, and nothing is charged to it. */
void account_look(struct account *account);

static inline void account_charge(struct account *account, enum account_kind kind,
                                  uint64_t amount)
{
    account->held[kind] += amount;
}

static inline void account_uncharge(struct account *account, enum account_kind kind,
                                    uint64_t amount)
{
    account->held[kind] -= amount;
    if (__builtin_expect(account->held[kind] == 0, false))
        account_look(account);
}

/* All that it holds, in frames or as good as. */
uint64_t account_total(const struct account *account);

#endif
