/* mm/above.h - all that memory management needs from the kernel above it.
 *
 * mm/ is a machine for turning faults into frames; it knows nothing of processes, files or
 * terminals. What it cannot do without, sleeping, reading a device, ending a process that
 * holds too much, it asks for here, and the kernel (or the host's test harness) provides. */
#ifndef MM_ABOVE_H
#define MM_ABOVE_H

#include "mm/lock.h"

struct space;

/* --- Sleeping. Both let go of the mm lock while asleep and hold it again on return. --- */

/* Sleep until above_wake(channel). Other things may have happened meanwhile: look again. */
void above_sleep(const void *channel) SLEEPS REQUIRES(mm);
/* The same, but a fatal signal ends it too: then false. */
bool above_sleep_killable(const void *channel) SLEEPS REQUIRES(mm);
/* Wake all that sleep on `channel`. Callable from interrupts. */
void above_wake(const void *channel);

/* Has the current thread run so long, while others wait, that it should let them? Interrupts
 * that wait are served; the lock is let go of for that. */
bool above_turn_over(void) REQUIRES(mm);
/* Let them. As a sleep: the lock is let go of, and held again on return. */
void above_pass(void) SLEEPS REQUIRES(mm);

/* The current thread is about to be ended and needs no more memory. */
bool above_dying(void);

/* --- Words ----------------------------------------------------------------------- */

/* One line to the kernel's log. */
void above_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- Out of memory --------------------------------------------------------------- */

/* End (SIGKILL) every process that uses `victim`. Does not wait for the end. */
void above_kill(struct space *victim) REQUIRES(mm);
/* The program is being ended for memory: what the kernel keeps for it beyond its processes
 * (segments that nobody has attached) is to go too, soon. */
struct account;
void above_disown(struct account *account);
/* The name and process id to show for a space; "?" and 0 when no process uses it now. */
const char *above_space_name(const struct space *space, int *pid);

/* Give back the frames that the kernel keeps for later (kernel stacks). Returns how many. */
uint32_t above_shrink(void) REQUIRES(mm);
/* The kernel has taken a frame of the reserve: whoever it works for is to wait, before it
 * runs on, until there are enough again (pageout_await). */
void above_indebted(void);

/* --- Who looks on ----------------------------------------------------------------- */

/* A page of a group that is watched (struct group) is about to be evicted; and, unless it could
 * not go, it has been. */
void above_evicting(unsigned group, page_t page) REQUIRES(mm);
void above_evicted(unsigned group) REQUIRES(mm);

/* --- Devices --------------------------------------------------------------------- */

struct block_device;

/* One transfer between a device and (part of) a frame. The caller owns the memory, which
 * must stay until `done` has been called, with the mm lock held: before block_submit returns, when
 * the device takes no time, or from an interrupt later. */
struct block_request {
    struct block_device *device;
    uint64_t position; /* bytes from the device's beginning */
    uint32_t length;   /* bytes, at most PAGE_SIZE */
    frame_t frame;     /* transferred from/to the frame's beginning */
    bool write;
    int error; /* when done: 0 or -EIO */
    bool complete;
    void (*done)(struct block_request *request);
    void *context;                  /* the submitter's */
    struct block_request *together; /* another, served in the same service time, or NULL */
    struct block_request *next;     /* the device's */
    uint64_t due;                   /* the device's */
};

void block_submit(struct block_request *request) REQUIRES(mm);

/* The device's bytes where they lie: both "disks" are memory. For the audit only. */
const void *block_peek(const struct block_device *device, uint64_t position);

#endif
