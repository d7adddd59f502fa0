/* arch/kernel_lock.c - who is in the kernel, where there are several processors.
 *
 * There is one lock around the kernel: whoever enters from user code, or wakes from HLT, waits for
 * it, and lets go of it on the way out. It belongs to the processor, so a switch from one thread
 * to another keeps it. One kind of entry goes without it: a page fault, which concerns nothing but
 * memory as long as there are frames and nothing is read. It takes the mm lock alone. If it turns
 * out to need more (to sleep, a device, a signal), it lets go of the mm lock, takes the kernel's,
 * and begins again. So the order is: the kernel's lock, then the mm lock.
 *
 * Each processor says in its `mode` where it is:
 *
 *     USER      it runs user code
 *     KERNEL    it has the kernel's lock, or waits for it
 *     COPY      it has it, and copies from or to user memory, for a short time
 *     FAULT     it serves a fault, without it
 *     IDLE      it halts
 *
 * With one processor nobody takes these locks: a no-op, or a plain store, stands in each place, and
 * becomes a call where several run (arch/detour.h).
 *
 * Who must find the others at rest (the audit, whoever writes over the kernel's text) stops them:
 * they enter the kernel, and wait for its lock; faults do so, too, while the gate is closed. */
#include "arch/kernel_lock.h"

#include "arch/interrupts.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "arch/processor_trace.h"
#include "arch/processors.h"
#include "arch/shootdown.h"
#include "arch/ticket_lock.h"
#include "arch/timer.h"

/* The first processor has it when it starts the others. */
static struct ticket_lock kernel_lock = {1, 0};
static struct processor *gate_closed_by; /* NULL: the gate is open */
static bool ended;

uint64_t interleave_seed;

/* --- Turns ------------------------------------------------------------------------------------ */

/* Under emulation processors take turns, and PAUSE ends one. A seed puts it in some of these
 * places; the same seed in the same places. */
void schedule_point(void)
{
    if (!interleave_seed)
        return;
    interleave_seed ^= interleave_seed << 13;
    interleave_seed ^= interleave_seed >> 7;
    interleave_seed ^= interleave_seed << 17;
    for (uint64_t pauses = interleave_seed % 4; pauses > 0; pauses--)
        cpu_relax();
}

static void wait_until_served(const struct ticket_lock *lock, uint32_t ticket)
{
    while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
        if (__atomic_load_n(&ended, __ATOMIC_ACQUIRE))
            halt_for_ever();
        cpu_relax();
    }
}

uint64_t ticket_take(struct ticket_lock *lock)
{
    schedule_point();
    uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) == ticket)
        return 0;
    uint64_t since = tsc_read();
    wait_until_served(lock, ticket);
    return since;
}

void ticket_give(struct ticket_lock *lock)
{
    __atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
    schedule_point();
}

void lock_waited(unsigned which, uint64_t since)
{
    processor_trace_numbers(PROCESSOR_WAITED, timer_ns(tsc_read() - since), which);
}

/* --- In, and out ------------------------------------------------------------------------------ */

/* Before it is known what comes next, all others see where this one is. Returns when, as the
 * time-stamp counter has it: what it did in the mode before, it did before that. */
static uint64_t mode_set(struct processor *self, uint32_t mode)
{
    uint64_t when = tsc_read();
    __atomic_store_n(&self->mode, mode, __ATOMIC_SEQ_CST);
    return when;
}

static void mode_tell(uint32_t mode, uint64_t since)
{
    processor_trace_numbers(PROCESSOR_MODE, timer_at(since), mode);
}

static void mode_tell_now(uint32_t mode)
{
    processor_trace_numbers(PROCESSOR_MODE, timer_at(tsc_read()), mode);
}

void processor_enter(void)
{
    struct processor *self = this_processor->self;
    bool anew = self->mode != PROCESSOR_KERNEL;
    uint64_t since = mode_set(self, PROCESSOR_KERNEL);
    self->entries++;
    uint64_t waits = ticket_take(&kernel_lock);
    kernel_catch_up(self);
    if (anew)
        mode_tell(PROCESSOR_KERNEL, since);
    if (waits)
        lock_waited(PROCESSOR_LOCK_KERNEL, waits);
}

void processor_fault(void)
{
    struct processor *self = this_processor->self;
    uint64_t since = mode_set(self, PROCESSOR_FAULT);
    self->entries++;
    mode_tell(PROCESSOR_FAULT, since);
    schedule_point();
    if (__atomic_load_n(&gate_closed_by, __ATOMIC_SEQ_CST) ||
        __atomic_load_n(&ended, __ATOMIC_SEQ_CST))
        processor_enter();
}

void processor_join(void)
{
    if (!processor_joined())
        processor_enter();
}

/* The processor is about to use translations of user addresses: it is in a mode in which that may
 * be, USER or COPY. Those that it should have forgotten it forgets before it uses any. */
static void use_memory(struct processor *self, uint32_t mode)
{
    mode_set(self, mode);
    shootdown_catch_up(self);
}

static void let_go(uint32_t mode)
{
    struct processor *self = this_processor->self;
    bool joined = processor_joined();
    if (mode_uses_memory(mode))
        use_memory(self, mode);
    else
        mode_set(self, mode);
    if (mode != PROCESSOR_KERNEL)
        mode_tell_now(mode);
    if (!joined)
        return;
    if (gate_closed_by == self)
        __atomic_store_n(&gate_closed_by, NULL, __ATOMIC_RELEASE);
    ticket_give(&kernel_lock);
}

void processor_leave(void)
{
    let_go(PROCESSOR_USER);
}

void processor_rest(void)
{
    let_go(PROCESSOR_IDLE);
}

void processor_copy(void)
{
    use_memory(this_processor->self, PROCESSOR_COPY);
    mode_tell_now(PROCESSOR_COPY);
    schedule_point();
}

void processor_copied(void)
{
    mode_tell(PROCESSOR_KERNEL, mode_set(this_processor->self, PROCESSOR_KERNEL));
}

uint64_t processor_others_entries(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < processor_count; i++)
        if (&processors[i] != this_processor->self)
            sum += __atomic_load_n(&processors[i].entries, __ATOMIC_RELAXED);
    return sum;
}

bool processor_wanted(void)
{
    return __atomic_load_n(&kernel_lock.next, __ATOMIC_ACQUIRE) != kernel_lock.serving + 1;
}

void processor_pass(void)
{
    if (!processor_wanted())
        return;
    let_go(PROCESSOR_KERNEL);
    processor_enter();
}

/* --- Calling, and stopping ------------------------------------------------------------------ */

void processor_poke(struct processor *other)
{
    uint32_t mode = mode_of(other);
    if (mode != PROCESSOR_KERNEL && mode != PROCESSOR_COPY)
        lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_POKE);
}

static bool at_rest(const struct processor *other)
{
    uint32_t mode = mode_of(other);
    return mode != PROCESSOR_USER && mode != PROCESSOR_FAULT;
}

/* What they do next in the kernel, they do after a serialising instruction: text may be changed. */
void processors_stop(void)
{
    struct processor *self = this_processor->self;
    shootdown_kernel();
    __atomic_store_n(&gate_closed_by, self, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < processor_count; i++)
        if (&processors[i] != self)
            processor_poke(&processors[i]);
    for (unsigned i = 0; i < processor_count; i++)
        while (&processors[i] != self && !at_rest(&processors[i]))
            cpu_relax();
}

void processors_halt(void)
{
    __atomic_store_n(&ended, true, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < processor_count; i++)
        processor_poke(&processors[i]);
}
