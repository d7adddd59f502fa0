/* mm/demand_paging/fault_pins.c - pages pinned for one instruction.  See fault_pins.h
 * for the idea. */
#include "mm/demand_paging/fault_pins.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"

uint64_t fault_pins_instruction(const uint64_t *registers, unsigned count, unsigned except)
{
    uint64_t sum = 1; /* never 0: no instruction yet */
    for (unsigned i = 0; i < count; i++)
        sum =
            (sum ^ (i == except ? 0 : registers[i])) * 0x9e3779b97f4a7c15ull + (sum >> 29);
    return sum | 1;
}

void fault_pins_begin(struct fault_pins *pins, const struct space *space,
                      const uint64_t *registers, unsigned count, unsigned except)
{
    bool scarce = group_counts(space->group) || frame_counts.free < frame_watermarks.high;
    if (!scarce && pins->count == 0)
        return;
    uint64_t instruction = scarce ? fault_pins_instruction(registers, count, except) : 0;
    if (instruction != pins->instruction)
        fault_pins_release(pins);
    pins->instruction = instruction;
}

void fault_pins_add(struct fault_pins *pins, page_t page)
{
    if (pins->instruction == 0 || !page_is(page) || pins->count == FAULT_PINS_MAX)
        return;
    frame_pin(page_get(page)->frame);
    pins->page[pins->count++] = page;
}

void fault_pins_release(struct fault_pins *pins)
{
    if (pins->count == 0)
        return;
    mm_lock();
    while (pins->count > 0)
        page_unpin(pins->page[--pins->count]);
    mm_unlock();
    pins->instruction = 0;
}
