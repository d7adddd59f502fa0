/* arch/shootdown.c - how the other processors forget a translation.
 *
 * Each processor remembers translations (TLB), and nobody but itself can make it forget one. So
 * whoever takes a right away changes the entry, forgets it himself, and then asks the others: a
 * shootdown. Only when none of them can use the old translation any more is the frame free.
 *
 * Who has to be asked? Who runs user code, or copies from or to user memory, may use any
 * translation that it remembers. Nobody else does: what else the kernel touches is the kernel's
 * own. So it is enough that those two have forgotten (their modes: arch/kernel_lock.c).
 *
 *     who flushes, with the mm lock        another processor
 *     change the entry; forget it
 *     request.number++
 *     it is USER: interrupt it             forget the addresses; done = request.number
 *     it is USER or COPY: wait until
 *       it is so no more, or until its
 *       done is the number
 *     all others: nothing                  before it uses user memory: mode = USER or COPY;
 *                                          done is not the number: forget all of the space;
 *                                          done = the number
 *     free the frames
 *
 * Why nobody uses an old translation after the frames are free. Both write, and then read what the
 * other writes, with a fence between: the number, then the mode; the mode, then the number. So
 * either the one sees that the other uses memory, and waits; or the other sees the new number, and
 * forgets. The entry was changed before: what is looked up later is new.
 *
 * Why nobody waits for ever. Who is interrupted runs user code, where interrupts are on, and its
 * answer takes no lock. A copy is short, and if it faults, it is KERNEL before it waits for the mm
 * lock. Who waits for a lock is not waited for.
 *
 * The kernel's own translations change seldom (a thread's stack is given back). Nobody is
 * interrupted for them: a processor without the kernel's lock stands on its own stack, which stays.
 *
 * Elsewhere: Linux keeps for each space a mask of processors and a generation, and leaves out
 * those that idle; FreeBSD defers the flush of those that are in the kernel, as here; xv6 needs
 * none of it while nothing is evicted and a space has one thread. */
#include "arch/shootdown.h"

#include "arch/interrupts.h"
#include "arch/kernel_lock.h"
#include "arch/machine.h"
#include "arch/processor_trace.h"
#include "arch/processors.h"
#include "arch/trap.h"

/* The mm lock's. */
static struct {
    uint64_t number;
    unsigned count;
    uintptr_t addresses[TLB_FLUSH_MAX];
} request;

static uint64_t kernel_changes; /* of the kernel's own translations */

struct shootdown_counts shootdown_counts;
bool shootdown_left_out;

static uint64_t done_of(const struct processor *other)
{
    return __atomic_load_n(&other->done, __ATOMIC_ACQUIRE);
}

/* --- Forgetting ----------------------------------------------------------------------------- */

void shootdown_catch_up(struct processor *self)
{
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_SEQ_CST);
    if (self->done == number)
        return;
    tlb_flush_user();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 0, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}

/* The interrupt may come late, when the processor has entered the kernel by itself and perhaps
 * left it again: then it has caught up. While it has not, the request stays as it is. */
void trap_shootdown(void)
{
    struct processor *self = this_processor->self;
    lapic_write(LAPIC_EOI, 0);
    uint64_t number = __atomic_load_n(&request.number, __ATOMIC_ACQUIRE);
    if (self->mode != PROCESSOR_USER || self->done == number) {
        __atomic_fetch_add(&shootdown_counts.in_vain, 1, __ATOMIC_RELAXED);
        return;
    }
    if (request.count > TLB_FLUSH_MAX)
        tlb_flush_user();
    for (unsigned i = 0; i < request.count && request.count <= TLB_FLUSH_MAX; i++)
        tlb_flush_page(request.addresses[i]);
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_DONE, 1, number);
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}

void kernel_catch_up(struct processor *self)
{
    if (self->kernel_done == kernel_changes)
        return;
    /* Global translations go, too (SDM 3A, 4.10.4.1). */
    cr4_write(cr4_read() & ~CR4_PGE);
    cr4_write(cr4_read() | CR4_PGE);
    self->kernel_done = kernel_changes;
}

void shootdown_kernel(void)
{
    this_processor->kernel_done = ++kernel_changes;
}

/* --- Asking --------------------------------------------------------------------------------- */

static bool remembers(const struct processor *other, frame_t root)
{
    frame_t loaded = {__atomic_load_n(&other->root.number, __ATOMIC_ACQUIRE)};
    return frame_is(root) ? frame_same(loaded, root) : !frame_same(loaded, kernel_root());
}

static bool somebody_remembers(const struct processor *self, frame_t root)
{
    __atomic_thread_fence(
        __ATOMIC_SEQ_CST); /* the entry has changed: who looks now, sees it */
    for (unsigned i = 0; i < processor_count; i++)
        if (&processors[i] != self && remembers(&processors[i], root))
            return true;
    return false;
}

static void request_write(struct processor *self, frame_t root, const uintptr_t *addresses,
                          unsigned count)
{
    request.count = count;
    for (unsigned i = 0; i < count && count <= TLB_FLUSH_MAX; i++)
        request.addresses[i] = addresses[i];
    if (self->done == request.number)
        self->done++; /* it has forgotten them already */
    processor_trace(PROCESSOR_SHOOTDOWN, addresses[0], request.number + 1, count, root);
    __atomic_store_n(&request.number, request.number + 1, __ATOMIC_SEQ_CST);
    shootdown_counts.requests++;
}

static void tell_sent(const struct processor *other, uint32_t mode)
{
    processor_trace(PROCESSOR_SHOOTDOWN_SENT, mode, request.number, other->number,
                    FRAME_NONE);
}

/* Is its answer to be waited for? */
static bool ask(struct processor *other, frame_t root)
{
    uint64_t before = request.number - 1;
    if (!remembers(other, root)) { /* if it lacks nothing else, it lacks nothing */
        __atomic_compare_exchange_n(&other->done, &before, request.number, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        tell_sent(other, PROCESSOR_ELSEWHERE);
        return false;
    }
    uint32_t mode = mode_of(other);
    tell_sent(other, mode);
    if (mode == PROCESSOR_USER) {
        shootdown_counts.interrupts++;
        lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_SHOOTDOWN);
    } else {
        shootdown_counts.avoided++;
    }
    return mode_uses_memory(mode);
}

static bool has_forgotten(const struct processor *other)
{
    return done_of(other) == request.number || !mode_uses_memory(mode_of(other));
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root))
        return;
    if (shootdown_left_out)
        return;
    request_write(self, root, addresses, count);
    schedule_point();
    for (unsigned i = 0; i < processor_count; i++)
        asked[i] = &processors[i] != self && ask(&processors[i], root);
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && !has_forgotten(&processors[i]))
            cpu_relax();
    processor_trace_numbers(PROCESSOR_SHOOTDOWN_OVER, 0, request.number);
}
