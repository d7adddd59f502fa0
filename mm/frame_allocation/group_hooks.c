/* mm/frame_allocation/group_hooks.c - who traces a group is asked.  See group_hooks.h
 * for the idea. */
#include "mm/frame_allocation/group_hooks.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/frames/frames.h"

/* NULL: nobody traces it. */
static const struct group_hooks *hooks_of(uint16_t group)
{
    return group_traced(group) ? groups[group].hooks : NULL;
}

void group_brought(struct space *space, uintptr_t start, uintptr_t end)
{
    const struct group_hooks *hooks = hooks_of(space->group);
    if (hooks != NULL)
        hooks->brought(space, start, end);
}

void group_moved(struct space *space, uint16_t from)
{
    if (group_traced(space->group))
        group_brought(space, 0, USER_END);
    else if (group_traced(from))
        groups[from].hooks->left(space);
}

void group_evicting(frame_t frame)
{
    const struct group_hooks *hooks = hooks_of(frame_get(frame)->group);
    if (hooks != NULL)
        hooks->evicting(frame);
}

void group_fault_begins(struct instruction *instruction, struct space *space, uint64_t at,
                        uintptr_t address)
{
    const struct group_hooks *hooks = hooks_of(space->group);
    if (hooks != NULL)
        hooks->fault_begins(instruction, space, at, address);
}

bool group_fault_served(struct instruction *instruction, struct space *space,
                        uintptr_t address, unsigned access,
                        const struct fault_report *report)
{
    const struct group_hooks *hooks = hooks_of(space->group);
    return hooks != NULL &&
           hooks->fault_served(instruction, space, address, access, report);
}

void group_instruction_pauses(const struct instruction *instruction, struct space *space)
{
    const struct group_hooks *hooks = hooks_of(space->group);
    if (hooks != NULL && space->id == instruction->space)
        hooks->pauses(instruction, space);
}

void group_instruction_ends(struct instruction *instruction, struct space *space)
{
    if (instruction->count > 0 && space != NULL)
        group_instruction_pauses(instruction, space);
    instruction->count = 0;
}
