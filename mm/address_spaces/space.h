/* mm/address_spaces/space.h - an address space: what a process believes memory to be.
 *
 * A space is a set of regions, runs of addresses with one protection and one backing, and
 * a page table. The regions say what was *promised*; the table says what is *there*. A
 * region costs the same whether it is one page or a terabyte long; frames come one fault
 * at a time. */
#ifndef MM_SPACE_H
#define MM_SPACE_H

#include "mm/page_tables/page_tables.h"

struct object;

/* Does a region count against what may be promised in all (promise.h)? */
enum region_commit {
    COMMIT_NOT_YET, /* nobody may write there privately; it will when somebody may */
    COMMIT_COUNTED = 1,
    COMMIT_NEVER = 3, /* shared, or MAP_NORESERVE: both bits, so that AND finds NOT_YET */
};

/* In access_max, and no right: the file was open for writing when it was mapped. */
#define ACCESS_OF_WRITER 0x20u

struct region {
    uintptr_t start, end; /* page-aligned; [start, end) */
    uint8_t access;       /* ACCESS_… granted to user code; 0: PROT_NONE */
    uint8_t access_max;   /* what mprotect may grant: a shared file opened read-only has no
                             ACCESS_WRITE */
    bool shared;          /* writes are seen by all who map the object */
    bool grows_down;      /* a stack */
    uint8_t wired;        /* locked in memory: enum wiring (space_wire.h) */
    bool not_forked;      /* fork leaves it out */
    bool wiped;           /* fork gives the child zeroes */
    bool inherited;  /* by fork, with pages: apart from what is mapped beside it later */
    bool not_dumped; /* a core leaves it out */
    bool tracked;    /* its entries tell what was written (space_written.c) */
    uint8_t commit;  /* enum region_commit */
    uint32_t index;  /* the object's page at `start` */
    struct object *object; /* where untouched pages come from, or NULL: from zeroes */
    struct region *next, *previous; /* by address */
    struct region *left, *right;    /* the search tree */
    uint32_t priority;
    uint32_t
        room_most; /* pages: the largest room in its part of the tree (region_layout.c) */
};

struct space {
    struct page_table table;
    uint32_t id; /* for the trace: never reused */
    uint32_t references;
    uint32_t region_count;
    struct region *first GUARDED_BY(mm), *last GUARDED_BY(mm); /* by address */
    struct region *tree GUARDED_BY(mm); /* the same regions, to search */
    struct region *recent
        GUARDED_BY(mm);        /* where the last fault was: the next is likely near */
    uint64_t promised;         /* bytes in regions */
    uint64_t promised_most;    /* before it last became less: the most until then */
    uint32_t resident_most;    /* pages, at any time: space_resident_most */
    uint32_t resident_evicted; /* had been evicted, anywhere, at the last exact count */
    uintptr_t heap_start, heap_end; /* brk */
    uint64_t promised_limit,        /* of `promised`, bytes */
        data_limit;                 /* bytes of `promised`; of those, writable privately */
    const void *limited_by;         /* whose limits these are */
    size_t stack_most;    /* bytes that a region which grows down may come to have */
    uint32_t working_set; /* pages, at the last sample (working_set.h) */
    uint16_t group;
    struct account *account; /* of the program (account.h) */
    uint8_t wire_future;     /* regions to come are wired so (mlockall): enum wiring */
    bool essential;          /* never chosen when memory runs out (init) */
    int16_t oom_adjust;      /* thousandths of all memory that it is held to have more */
    bool ending;             /* chosen when memory ran out; it is ending */
    bool rooms_kept;   /* its regions tell of the room between them (region_layout.c) */
    bool changing : 1, /* somebody is in the middle of it (mm/address_spaces/change.h) */
        serving : 1;   /* and who waited for the end of that comes next, the */
    uint32_t round,    /* round of this number: */
        served,        /* so many of it still wait, */
        waiting;       /* and so many who belong to the next */
    struct space *next, *previous; /* all spaces */
};

/* A new, empty space with one reference, of the account's program; NULL: out of memory. */
struct account;
MUST_USE struct space *space_create(struct account *account) REQUIRES(mm);
/* What exec begins with: a new account, the parent's child, and in it a new, empty space with
 * one reference. NULL: out of memory. */
MUST_USE struct space *space_open(struct account *parent);

/* Does it have what lies at `address` by no region, as every space has it (shared_code.h)? */
bool space_shows(const struct space *space, uintptr_t address) REQUIRES(mm);
/* A child's space has of that what the parent's has. False: no frame for a table. */
MUST_USE bool space_show_too(struct space *child, const struct space *parent) REQUIRES(mm);

void space_hold(struct space *space) EXCLUDES(mm);
void space_hold_locked(struct space *space) REQUIRES(mm);
/* The last release takes everything down (if the space is loaded, the kernel's own root is
 * loaded first). Allocates nothing; pauses (change.h). */
void space_release(struct space *space) SLEEPS EXCLUDES(mm);
/* Make it the space that user addresses mean. NULL: the kernel's own, without user part. */
void space_load(struct space *space);
/* The processor idles, on nobody's account. What it remembers of the space that is loaded stays,
 * and what it is not told of meanwhile it forgets before it uses user memory (arch/shootdown.c). */
void space_rest(void);
/* It idled, and goes on: in this space, if that is still the loaded one. */
void space_come_back(const struct space *space);

/* Bytes promised, when most were. */
static inline uint64_t space_promised_most(const struct space *space)
{
    return space->promised > space->promised_most ? space->promised : space->promised_most;
}

/* How much may be promised in it: in all, writable and private (both in bytes), and by a stack that
 * grows; and by whose limits. What is promised already stays. */
static inline void space_limit(struct space *space, const void *by, uint64_t promised,
                               uint64_t data, size_t stack)
{
    space->limited_by = by;
    space->promised_limit = promised;
    space->data_limit = data;
    space->stack_most = stack;
}

static inline bool space_is_limited_by(const struct space *space, const void *by)
{
    return space->limited_by == by;
}

/* Where brk begins; nothing is there yet. */
static inline void space_set_heap(struct space *space, uintptr_t start)
{
    space->heap_start = space->heap_end = start;
}

/* Is it never chosen when memory runs out? */
static inline void space_set_essential(struct space *space, bool essential)
{
    space->essential = essential;
}

/* Thousandths of all memory that it is held to have more, when somebody must end. */
static inline void space_adjust(struct space *space, int16_t thousandths)
{
    space->oom_adjust = thousandths;
}

extern struct space *space_first GUARDED_BY(mm); /* all spaces */

/* --- Regions ---------------------------------------------------------------------- */

enum map_flags { /* their values are mmap's */
                 MAP_SHARED = 0x1,
                 MAP_FIXED = 0x10,       /* exactly at `address`, replacing what is there */
                 MAP_32BIT = 0x40,       /* where 31 bits reach, if it is not FIXED */
                 MAP_GROWSDOWN = 0x100,  /* a stack */
                 MAP_LOCKED = 0x2000,    /* locked in memory */
                 MAP_NORESERVE = 0x4000, /* counts not as promised (promise.h) */
                 MAP_FIXED_NOREPLACE = 0x100000, /* exactly there, or -EEXIST */
};
#define MAP_FLAGS                                                                      \
    (MAP_SHARED | MAP_FIXED | MAP_32BIT | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | \
     MAP_FIXED_NOREPLACE)

struct map_request {
    uintptr_t address; /* a wish, or with FIXED an order; 0: anywhere */
    size_t length;     /* bytes, rounded up to whole pages */
    unsigned access, access_max, flags;
    struct object *object; /* NULL: zeroes. A reference is taken, not given, before anything
                              sleeps. A shared mapping without an object gets a new one */
    uint32_t index;        /* the object's page at the beginning */
    int error; /* what is wrong with the rest, told if the place is right; or 0 */
};

/* Within mm/: forget all entries of [start, end), and tables left empty. The caller changes the
 * space, and pauses here (change.h). */
struct flush;
void space_forget(struct space *space, uintptr_t start, uintptr_t end,
                  struct flush *flush) SLEEPS REQUIRES(mm);
/* The same of all that `region` has; and it is out of the space, and the caller's to destroy. */
void space_unmap_region(struct space *space, struct region *region,
                        struct flush *flush) SLEEPS REQUIRES(mm);

#endif
