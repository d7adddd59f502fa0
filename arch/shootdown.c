/* arch/shootdown.c - the kernel's lock, and how the other processors forget a translation.
 *
 * Each processor remembers translations (TLB), and nobody but itself can make it forget one. So
 * whoever takes a right away changes the entry, forgets it himself, and then asks the others: a
 * shootdown. Only when none of them can use the old translation any more is the frame free.
 *
 * Who has to be asked? A processor is in one of three modes:
 *
 *     USER      it runs user code, and may use any translation that it remembers
 *     KERNEL    it has entered the kernel; it has the kernel's lock, or waits for it
 *     IDLE      it halts, with the kernel's own tables: it remembers nothing of a space
 *
 * It is KERNEL before it waits for the lock, and USER or IDLE again before it lets go of it.
 *
 *     who flushes, with the lock           another processor
 *     change the entry; forget it
 *     request.number++
 *     it is USER: interrupt it             forget the addresses; done = request.number
 *     wait until it is not USER,
 *       or until its done is the number
 *     it is KERNEL: nothing                (it gets the lock) done is not the number: forget
 *                                          all of the space; done = request.number
 *     free the frames
 *
 * Why nobody uses an old translation after the frames are free. Who was USER has forgotten, or has
 * entered the kernel. Who is in the kernel uses translations of user addresses only when it copies
 * from or to user memory, which wants the lock; it gets the lock after us, and forgets first. Who
 * becomes USER does so with the lock, so after us, too.
 *
 * Why nobody waits for ever. Who is interrupted runs user code, where interrupts are on, and its
 * answer takes no lock. Who waits for the lock is not waited for.
 *
 * The kernel's own translations change seldom (a thread's stack is given back). Nobody is
 * interrupted for them: a processor without the lock stands on its own stack, which stays.
 *
 * The lock is a ticket lock: first come, first served. With one processor the entries take no lock,
 * and nobody is asked: there is a no-op in each place (arch/detour.h).
 *
 * Elsewhere: Linux keeps for each space a mask of processors and a generation, and leaves out
 * those that idle; FreeBSD defers the flush of those that are in the kernel, as here; xv6 needs
 * none of it while nothing is evicted and a space has one thread. */
#include "arch/shootdown.h"

#include "arch/interrupts.h"
#include "arch/machine.h"
#include "arch/processors.h"
#include "arch/trap.h"

/* The first processor has it when it starts the others. */
static struct {
    uint32_t next, serving;
} lock = {1, 0};

static struct {
    uint64_t number;
    unsigned count;
    uintptr_t addresses[TLB_FLUSH_MAX];
} request;

static uint64_t kernel_changes; /* of the kernel's own translations */
static bool ended;

struct shootdown_counts shootdown_counts;
uint64_t interleave_seed;

/* --- Turns ------------------------------------------------------------------------------------ */

/* Under emulation processors take turns, and PAUSE ends one. A seed puts it where another processor
 * might come in between; the same seed in the same places. */
static void schedule_point(void)
{
    if (!interleave_seed)
        return;
    interleave_seed ^= interleave_seed << 13;
    interleave_seed ^= interleave_seed >> 7;
    interleave_seed ^= interleave_seed << 17;
    for (uint64_t pauses = interleave_seed % 4; pauses > 0; pauses--)
        cpu_relax();
}

static uint32_t mode_of(const struct processor *other)
{
    return __atomic_load_n(&other->mode, __ATOMIC_ACQUIRE);
}

static uint64_t done_of(const struct processor *other)
{
    return __atomic_load_n(&other->done, __ATOMIC_ACQUIRE);
}

/* --- The lock --------------------------------------------------------------------------------- */

static void catch_up(struct processor *self)
{
    if (self->kernel_done != kernel_changes) {
        /* Global translations go, too (SDM 3A, 4.10.4.1). */
        cr4_write(cr4_read() & ~CR4_PGE);
        cr4_write(cr4_read() | CR4_PGE);
        self->kernel_done = kernel_changes;
    }
    if (self->done != request.number) {
        tlb_flush_user();
        __atomic_store_n(&self->done, request.number, __ATOMIC_RELEASE);
    }
}

void processor_enter(void)
{
    struct processor *self = this_processor->self;
    __atomic_store_n(&self->mode, PROCESSOR_KERNEL, __ATOMIC_RELEASE);
    schedule_point();
    uint32_t ticket = __atomic_fetch_add(&lock.next, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&lock.serving, __ATOMIC_ACQUIRE) != ticket) {
        if (__atomic_load_n(&ended, __ATOMIC_ACQUIRE))
            halt_for_ever();
        cpu_relax();
    }
    catch_up(self);
}

uint64_t processor_entries(void)
{
    return lock.serving;
}

static void let_go(uint32_t mode)
{
    struct processor *self = this_processor->self;
    __atomic_store_n(&self->mode, mode, __ATOMIC_RELEASE);
    __atomic_store_n(&lock.serving, lock.serving + 1, __ATOMIC_RELEASE);
    schedule_point();
}

void processor_leave(void)
{
    let_go(PROCESSOR_USER);
}

void processor_rest(void)
{
    let_go(PROCESSOR_IDLE);
}

bool processor_wanted(void)
{
    return __atomic_load_n(&lock.next, __ATOMIC_ACQUIRE) != lock.serving + 1;
}

void processor_pass(void)
{
    if (!processor_wanted())
        return;
    let_go(PROCESSOR_KERNEL);
    processor_enter();
}

/* --- Asking --------------------------------------------------------------------------------- */

static bool remembers(const struct processor *other, frame_t root)
{
    return frame_is(root) ? frame_same(other->root, root)
                          : !frame_same(other->root, kernel_root());
}

static bool somebody_remembers(const struct processor *self, frame_t root)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (&processors[i] != self && remembers(&processors[i], root))
            return true;
    return false;
}

static void request_write(struct processor *self, const uintptr_t *addresses,
                          unsigned count)
{
    request.count = count;
    for (unsigned i = 0; i < count && count <= TLB_FLUSH_MAX; i++)
        request.addresses[i] = addresses[i];
    self->done = request.number + 1; /* it has forgotten them already */
    __atomic_store_n(&request.number, request.number + 1, __ATOMIC_RELEASE);
    shootdown_counts.requests++;
}

/* Is its answer to be waited for? */
static bool ask(struct processor *other, frame_t root)
{
    if (!remembers(other, root)) {
        if (other->done + 1 == request.number)
            other->done = request.number; /* nothing of it concerns this one */
        return false;
    }
    if (mode_of(other) != PROCESSOR_USER) {
        shootdown_counts.avoided++;
        return false;
    }
    shootdown_counts.interrupts++;
    lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_SHOOTDOWN);
    return true;
}

void shootdown(frame_t root, const uintptr_t *addresses, unsigned count)
{
    struct processor *self = this_processor->self;
    bool asked[PROCESSORS_MOST] = {false};
    if (!somebody_remembers(self, root))
        return;
    request_write(self, addresses, count);
    schedule_point();
    for (unsigned i = 0; i < processor_count; i++)
        asked[i] = &processors[i] != self && ask(&processors[i], root);
    for (unsigned i = 0; i < processor_count; i++)
        while (asked[i] && mode_of(&processors[i]) == PROCESSOR_USER &&
               done_of(&processors[i]) != request.number)
            cpu_relax();
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
    __atomic_store_n(&self->done, number, __ATOMIC_RELEASE);
}

void shootdown_kernel(void)
{
    this_processor->kernel_done = ++kernel_changes;
}

/* --- Calling, and stopping ------------------------------------------------------------------ */

void processor_poke(struct processor *other)
{
    if (mode_of(other) != PROCESSOR_KERNEL)
        lapic_send(other->apic_id, MESSAGE_FIXED | VECTOR_POKE);
}

/* What they do next in the kernel, they do after a serialising instruction: text may be changed. */
void processors_stop(void)
{
    shootdown_kernel();
    for (unsigned i = 0; i < processor_count; i++)
        processor_poke(&processors[i]);
    for (unsigned i = 0; i < processor_count; i++)
        while (mode_of(&processors[i]) == PROCESSOR_USER)
            cpu_relax();
}

void processors_halt(void)
{
    __atomic_store_n(&ended, true, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < processor_count; i++)
        processor_poke(&processors[i]);
}
