/* mm/lock.c - the mm lock, where several processors run.  See lock.h for the idea. */
#include "mm/lock.h"

#include "arch/processor_trace.h"
#include "arch/ticket_lock.h"

struct mm_lock mm;

static struct ticket_lock tickets;

/* From arch/kernel_lock.asm. */
void mm_lock_take(void);
void mm_lock_give(void);

void mm_lock_take(void)
{
    uint64_t waits = ticket_take(&tickets);
    mm.held = true;
    if (waits)
        lock_waited(PROCESSOR_LOCK_MM, waits);
}

void mm_lock_give(void)
{
    mm.held = false;
    ticket_give(&tickets);
}
