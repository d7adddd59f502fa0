/* tools/labbing/host/shootdown.c - arch/kernel_lock.c and arch/shootdown.c, for processors that are
 * played (several.c). They are included, so that the judge can write down a request with its own
 * hands; whatever they define has its name in this file alone. */
#include "arch/shootdown.c"
#include "arch/kernel_lock.c"

#include "tools/labbing/host/shootdown.h"

void shootdown_reset(uint64_t number)
{
    request.number = number;
    request.count = 0;
    shootdown_left_out = false;
    kernel_changes = 0;
    kernel_lock.next = 1;
    kernel_lock.serving = 0;
    gate_closed_by = NULL;
    ended = false;
    interleave_seed = 0;
}

void shootdown_request(uint64_t number, unsigned count, const uint64_t *addresses,
                       unsigned given)
{
    request.number = number;
    request.count = count;
    for (unsigned i = 0; i < given; i++)
        request.addresses[i] = addresses[i];
}

uint64_t shootdown_last(unsigned place, uint64_t *more)
{
    *more =
        place > 0 && place <= TLB_FLUSH_MAX ? request.addresses[place - 1] : request.count;
    return request.number;
}

void shootdown_use(struct processor *self, uint32_t mode)
{
    use_memory(self, mode);
}
