/* mm/demand_paging/fault_pins.h - the pages that one instruction needs stay until it is past.
 *
 * An instruction may touch several pages. If bringing in the second evicts the first, it
 * starts again, brings in the first, which evicts the second, for ever. FIFO and LRU cannot
 * do that to a group of enough frames; LFU, MFU and random can. So the pages that faults
 * of one instruction brought in stay pinned until the same thread faults at another: the
 * same instruction is one that finds all registers as they were. */
#ifndef MM_FAULT_PINS_H
#define MM_FAULT_PINS_H

#include "mm/demand_paging/page.h"

#define FAULT_PINS_MAX 12

struct space;

/* One of these belongs to each thread; cleared at the start. */
struct fault_pins {
    uint64_t instruction; /* a digest of the registers at the last fault */
    uint32_t count;
    page_t page[FAULT_PINS_MAX];
};

/* A digest of the registers at a fault, but for the one at `except`: the same for the same
 * instruction; never 0. */
uint64_t fault_pins_instruction(const uint64_t *registers, unsigned count, unsigned except);

/* A fault begins, with these registers: let go of what an earlier instruction pinned. The
 * one at `except` does not count: the error code, which says what this fault is about.
 * Does nothing, cheaply, while memory is plenty. */
void fault_pins_begin(struct fault_pins *pins, const struct space *space,
                      const uint64_t *registers, unsigned count, unsigned except);
/* The fault brought this page in. */
void fault_pins_add(struct fault_pins *pins, page_t page) REQUIRES(mm);
/* The thread ends, or its space does. */
void fault_pins_release(struct fault_pins *pins) EXCLUDES(mm);

#endif
