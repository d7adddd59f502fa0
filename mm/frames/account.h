/* mm/frames/account.h - whose memory it is.
 *
 * When memory is out somebody has to go, and it should be whoever took it. A process is the
 * wrong one to ask: a program that forks without end is a thousand small processes, and what
 * the kernel keeps for it, tables, stacks, regions, names of files, stands in no process's
 * pages. So everything that is taken is charged to an *account*: that of one program, which
 * is all processes that descend by fork from one exec. Exec opens a new account, fork
 * inherits it.
 *
 * Accounts form a tree of descent: an account's parent is that of the program in which the
 * process was forked that did the exec. A program and all that descend from it are its
 * *family*. A parent that has ended keeps its place as long as it keeps children together.
 *
 * Nobody who takes memory has to think of it: the page id, the frame and the object charge
 * the account of whoever runs, and remember it; whoever gives them back gives them back to
 * that account, whoever that is. A page is charged once, from its beginning to its end,
 * wherever it is meanwhile, and however many spaces share it. What interrupts, the daemons
 * and the start of the kernel take is the kernel's own.
 *
 * The rule of who goes when memory is out (blame.c): begin with all, and go down to the
 * child whose family holds the greater part of all that is held, as long as there is
 * one, and what stays behind is somebody large (a sixteenth of all, or more) or hardly
 * anything. There either one member goes, a process of the program or the family of a
 * program that it started, whichever holds most; or, if they hold more together, all
 * those that are not large: a swarm. A process can be held to have more, or less, than
 * it has (oom_score_adj). If the way comes to where it has ended before, and nobody
 * there is large, the whole family goes. */
#ifndef MM_ACCOUNT_H
#define MM_ACCOUNT_H

#include "arch/processor.h"
#include "mm/lock.h"

enum account_kind {
    ACCOUNT_PAGES,  /* in frames or in slots */
    ACCOUNT_TABLES, /* frames of page tables, and of the links beside them */
    ACCOUNT_FRAMES, /* whole frames that the kernel holds for it: what is in pipes, … */
    ACCOUNT_STACKS, /* frames of kernel stacks (kernel/process/thread.c) */
    ACCOUNT_BYTES,  /* of the kernel's objects (slab.h) */
    ACCOUNT_KINDS,
};

struct space;

/* Room for what the kernel keeps of a program. */
#define ACCOUNT_ABOVE 4

struct account {
    uint64_t held[ACCOUNT_KINDS];
    uint32_t spaces;           /* of the program's processes */
    bool struck;               /* the way ended here before: some of its family went */
    const struct space *first; /* of the process that did exec; NULL: it has ended */
    uint64_t audited[ACCOUNT_KINDS]; /* audit.c's own counts */
    uint32_t audited_spaces;
    struct account *next, *previous; /* all accounts, a child before its parent */
    struct account *parent;          /* NULL: the kernel's own */
    struct account *child;           /* the youngest */
    struct account *older, *younger; /* of the same parent */
    uint64_t above
        [ACCOUNT_ABOVE]; /* the kernel's own words: whose turn it is (kernel/process/turns.c) */
    bool endable;        /* blame.c's: it has a process that can be ended */
    int64_t adjust;      /* the same's: bytes that its processes are held to have more */
    uint64_t family;     /* the same's: bytes that it and all that descend from it hold */
};

/* Who pays for what is taken now: the program whose space is loaded, for it is the one that
 * the kernel works for. Never NULL. */
#define account_current (this_processor->account)
/* The kernel's own. It is always there. */
extern struct account kernel_account;
extern struct account *account_first GUARDED_BY(mm); /* all, the kernel's last */

/* A new account, the parent's child, without spaces; NULL: out of memory. */
struct account *account_create(struct account *parent) REQUIRES(mm);

/* A space joins, or has ended. An account without spaces lives on as long as anything is
 * charged to it, or two accounts descend from it. */
void account_join(struct account *account, const struct space *space) REQUIRES(mm);
void account_leave(struct account *account, const struct space *space) REQUIRES(mm);
/* It ends, if it has no spaces, nothing is charged to it, and it has one child at most, which
 * takes its place. */
void account_look(struct account *account) REQUIRES(mm);

static inline void account_charge(struct account *account, enum account_kind kind,
                                  uint64_t amount) REQUIRES(mm)
{
    account->held[kind] += amount;
}

static inline void account_uncharge(struct account *account, enum account_kind kind,
                                    uint64_t amount) REQUIRES(mm)
{
    account->held[kind] -= amount;
    if (__builtin_expect(account->held[kind] == 0, false))
        account_look(account);
}

/* For the audit: so much of that is found to be charged to it. */
static inline void account_audit(struct account *account, enum account_kind kind,
                                 uint64_t amount)
{
    account->audited[kind] += amount;
}

/* All that it holds, itself too, in bytes. */
uint64_t account_total(const struct account *account);
/* The child of `family` that it is, or descends from; NULL: none. */
struct account *account_branch(struct account *account, const struct account *family);
/* Is it `family`, or descends from it? */
static inline bool account_is_of(struct account *account, const struct account *family)
{
    return account == family || account_branch(account, family) != NULL;
}

#endif
