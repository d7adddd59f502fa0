/* mm/demand_paging/fault.h - the page fault: the contract. */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include "mm/demand_paging/fault_pins.h"

struct space;

/* What a fault turned out to be. Each is counted. */
enum fault_kind {
    FAULT_ZERO_FILL, /* private memory never written: a frame of zeroes */
    FAULT_ZERO_PAGE, /* private memory never written, read: the one zero page */
    FAULT_FILE,      /* an object's page: a file's, or shared memory's */
    FAULT_PAGE_IN,   /* a page that had been evicted, read back from its slot */
    FAULT_COPY,      /* a write to a page others hold: copied */
    FAULT_REUSE,     /* a write to a page that others held once: made writable */
    FAULT_RESIDENT, /* a private page that was in its frame all the time: only the entry was
                        missing (made accessible again, or another sharer had it) */
    FAULT_RESCUE,   /* a page taken back from the free list before its frame was reused */
    FAULT_SPURIOUS, /* the entry allows it already: somebody was faster, or the TLB old */
    FAULT_INVALID,  /* refused */
    FAULT_KINDS,
};

enum fault_result {
    FAULT_DONE,       /* run the instruction again */
    FAULT_NO_REGION,  /* SIGSEGV, SEGV_MAPERR */
    FAULT_NO_ACCESS,  /* SIGSEGV, SEGV_ACCERR */
    FAULT_BEYOND_END, /* SIGBUS, BUS_ADRERR: no such page in the object */
    FAULT_LOST,       /* SIGBUS, BUS_ADRERR: the device failed */
    FAULT_KILLED,     /* the caller is being ended; its fatal signal is pending already */
};

/* Added to the access that is wanted, for a debugger that looks from outside. What mprotect
 * could grant is granted; a private page can be written though its region is read-only. */
#define ACCESS_FORCED 16u

/* What happened, for counters, the trace and the program `faults`. */
struct fault_report {
    enum fault_kind kind;
    bool major;  /* a device was read */
    page_t page; /* now mapped, or PAGE_NONE */
    frame_t frame;
    frame_t from; /* FAULT_COPY: the frame copied from, or FRAME_NONE (the zero page) */
};

/* Serve a fault at `address` for one of ACCESS_READ, _WRITE, _EXECUTE (| _FORCED). May
 * sleep. Takes the mm lock. `report` is filled in always. */
enum fault_result fault_handle(struct space *space, uintptr_t address, unsigned access,
                               struct fault_report *report) SLEEPS;

/* The same for an instruction that must get past (fault_pins.h); `pins` NULL: for none. */
enum fault_result fault_handle_pinned(struct space *space, uintptr_t address,
                                      unsigned access, struct fault_pins *pins,
                                      struct fault_report *report) SLEEPS EXCLUDES(mm);

/* Counts since the kernel's start, for all spaces together. */
struct fault_totals {
    uint64_t kind[FAULT_KINDS];
    uint64_t major;
};
extern struct fault_totals fault_totals;

extern const char *const fault_kind_names[FAULT_KINDS]; /* "zero-fill", … */

#endif
